import { define } from "../../chrome/base.js";
import { CrowdSemanticSegmentation } from "./crowd-semantic-segmentation.component.js";

define("crowd-semantic-segmentation", CrowdSemanticSegmentation);
