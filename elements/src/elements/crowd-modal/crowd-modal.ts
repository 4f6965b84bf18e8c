import { define } from "../../chrome/base.js";
import { CrowdModal } from "./crowd-modal.component.js";

define("crowd-modal", CrowdModal);
