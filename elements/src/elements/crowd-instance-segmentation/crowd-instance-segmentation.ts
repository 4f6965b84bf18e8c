import { define } from "../../chrome/base.js";
import { CrowdInstanceSegmentation } from "./crowd-instance-segmentation.component.js";

define("crowd-instance-segmentation", CrowdInstanceSegmentation);
