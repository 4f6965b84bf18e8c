import { define } from "../../chrome/base.js";
import { CrowdClassifier } from "./crowd-classifier.component.js";

define("crowd-classifier", CrowdClassifier);
