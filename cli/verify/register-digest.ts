// Which statements a result was judged by.
import { createHash } from "node:crypto";
import { register } from "../../specs/register/register.ts";

/** The digest of all requirements' ids and revisions: two results with the same one were judged by the same statements. */
export const registerDigest = `sha256:${createHash("sha256")
  .update(JSON.stringify(register.map(({ id, revision }) => [id, revision])))
  .digest("hex")}`;
