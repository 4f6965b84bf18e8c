import { define } from "../../chrome/base.js";
import { CrowdCheckbox } from "./crowd-checkbox.component.js";

define("crowd-checkbox", CrowdCheckbox);
