import { define } from "../../chrome/base.js";
import { CrowdTextArea } from "./crowd-text-area.component.js";

define("crowd-text-area", CrowdTextArea);
