import { Tick } from "../../chrome/tick.js";

/** A box to tick. Answer: `{"<value>": true | false}`; boxes of one name make one object. */
export class CrowdCheckbox extends Tick {}
