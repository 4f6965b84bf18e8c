import { define } from "../../chrome/base.js";
import { CrowdToast } from "./crowd-toast.component.js";

define("crowd-toast", CrowdToast);
