import { define } from "../../chrome/base.js";
import { CrowdForm } from "./crowd-form.component.js";

define("crowd-form", CrowdForm);
