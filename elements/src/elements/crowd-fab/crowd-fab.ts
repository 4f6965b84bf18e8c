import { define } from "../../chrome/base.js";
import { CrowdFab } from "./crowd-fab.component.js";

define("crowd-fab", CrowdFab);
