import { define } from "../../chrome/base.js";
import { CrowdClassifierMultiSelect } from "./crowd-classifier-multi-select.component.js";

define("crowd-classifier-multi-select", CrowdClassifierMultiSelect);
