import { define } from "../../chrome/base.js";
import { CrowdCard } from "./crowd-card.component.js";

define("crowd-card", CrowdCard);
