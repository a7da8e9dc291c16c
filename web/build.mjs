import * as nothing from "node:fs";
