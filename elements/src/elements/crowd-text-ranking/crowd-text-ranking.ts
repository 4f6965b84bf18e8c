import { define } from "../../chrome/base.js";
import { CrowdTextRanking } from "./crowd-text-ranking.component.js";

define("crowd-text-ranking", CrowdTextRanking);
