import { define } from "../../chrome/base.js";
import { CrowdInstructions } from "./crowd-instructions.component.js";

define("crowd-instructions", CrowdInstructions);
