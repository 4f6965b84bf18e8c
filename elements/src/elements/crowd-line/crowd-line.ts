import { define } from "../../chrome/base.js";
import { CrowdLine } from "./crowd-line.component.js";

define("crowd-line", CrowdLine);
