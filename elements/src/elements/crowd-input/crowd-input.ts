import { define } from "../../chrome/base.js";
import { CrowdInput } from "./crowd-input.component.js";

define("crowd-input", CrowdInput);
