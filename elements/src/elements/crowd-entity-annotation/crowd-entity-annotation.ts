import { define } from "../../chrome/base.js";
import { CrowdEntityAnnotation } from "./crowd-entity-annotation.component.js";

define("crowd-entity-annotation", CrowdEntityAnnotation);
