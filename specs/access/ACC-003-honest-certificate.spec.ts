// ACC-003. The served certificate names the host, is in date, matches its key, and the key is readable by nginx alone.
// 1. nginx uses the files in the evidence  2. the key matches the certificate  3. only nginx can read the key, or replace it
// 4. a client is served the same certificate  5. it names the host  6. it is in date
import {
  certificateOfAnotherHost,
  expiredCertificate,
  keyDirectoryForEverybody,
  keyForEverybody,
  keyOfAnother,
  renewedUnloaded,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { honestCertificate } from "./claims/certificate.ts";

test("ACC-003 the gateway serves a valid certificate", requirement("ACC-003"), async ({ evidence }) => {
  await holds(honestCertificate(evidence));
});

test(
  "ACC-003 is refuted by a certificate of another host",
  control("ACC-003", "F32", "F38"),
  async ({ broken, deployment }) => {
    const checks = honestCertificate(await broken(certificateOfAnotherHost));
    await refuted(checks, `DNS:${deployment.portainer.host}`);
  },
);

test("ACC-003 is refuted by an expired certificate", control("ACC-003", "F33"), async ({ broken }) => {
  await refuted(honestCertificate(await broken(expiredCertificate)), "to Jan  1 00:00:00 2025 GMT");
});

test(
  "ACC-003 is refuted by a key that does not match the certificate",
  control("ACC-003", "F33"),
  async ({ broken }) => {
    await refuted(honestCertificate(await broken(keyOfAnother)), "the certificate's: public key");
  },
);

test(
  "ACC-003 is refuted by a renewed certificate that nginx has not loaded",
  control("ACC-003", "F33"),
  async ({ broken }) => {
    await refuted(honestCertificate(await broken(renewedUnloaded)), "the file's: serial");
  },
);

test("ACC-003 is refuted by a world-readable key", control("ACC-003"), async ({ broken }) => {
  await refuted(honestCertificate(await broken(keyForEverybody)), "644 root:root");
});

test(
  "ACC-003 is refuted by a key whose directory everybody can write",
  control("ACC-003"),
  async ({ broken }) => {
    await refuted(honestCertificate(await broken(keyDirectoryForEverybody)), ": 777 root:root");
  },
);
