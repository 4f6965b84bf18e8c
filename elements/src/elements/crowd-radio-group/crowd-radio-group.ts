import { define } from "../../chrome/base.js";
import { CrowdRadioGroup } from "./crowd-radio-group.component.js";

define("crowd-radio-group", CrowdRadioGroup);
