import { define } from "../../chrome/base.js";
import { CrowdBadge } from "./crowd-badge.component.js";

define("crowd-badge", CrowdBadge);
