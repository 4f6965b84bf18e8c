import { define } from "../../chrome/base.js";
import { CrowdImageClassifierMultiSelect } from "./crowd-image-classifier-multi-select.component.js";

define("crowd-image-classifier-multi-select", CrowdImageClassifierMultiSelect);
