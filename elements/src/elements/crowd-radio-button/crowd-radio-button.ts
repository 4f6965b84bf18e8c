import { define } from "../../chrome/base.js";
import { CrowdRadioButton } from "./crowd-radio-button.component.js";

define("crowd-radio-button", CrowdRadioButton);
