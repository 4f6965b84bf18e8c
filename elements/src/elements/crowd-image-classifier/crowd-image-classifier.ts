import { define } from "../../chrome/base.js";
import { CrowdImageClassifier } from "./crowd-image-classifier.component.js";

define("crowd-image-classifier", CrowdImageClassifier);
