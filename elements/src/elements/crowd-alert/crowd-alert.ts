import { define } from "../../chrome/base.js";
import { CrowdAlert } from "./crowd-alert.component.js";

define("crowd-alert", CrowdAlert);
