// ACC-003. The served certificate names the host, is in date, matches its key, and the key is readable by nginx alone.
// 1. nginx keeps the pair that was looked at  2. key and certificate belong together  3. the key is nginx's alone
// 4. a client is served that very certificate  5. for this name  6. in date
import {
  certificateOfAnotherHost,
  expiredCertificate,
  keyForEverybody,
  keyOfAnother,
  renewedUnloaded,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { honestCertificate } from "./claims/certificate.ts";

test("ACC-003 the gateway shows an honest certificate", requirement("ACC-003"), async ({ evidence }) => {
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

test(
  "ACC-003 is refuted by a certificate whose time is over",
  control("ACC-003", "F33"),
  async ({ broken }) => {
    await refuted(honestCertificate(await broken(expiredCertificate)), "to Jan  1 00:00:00 2025 GMT");
  },
);

test("ACC-003 is refuted by a key of another pair", control("ACC-003", "F33"), async ({ broken }) => {
  await refuted(honestCertificate(await broken(keyOfAnother)), "the certificate's: public key");
});

test(
  "ACC-003 is refuted by a renewed pair that nginx was not told of",
  control("ACC-003", "F33"),
  async ({ broken }) => {
    await refuted(honestCertificate(await broken(renewedUnloaded)), "the file's: serial");
  },
);

test("ACC-003 is refuted by a key that everybody can read", control("ACC-003"), async ({ broken }) => {
  await refuted(honestCertificate(await broken(keyForEverybody)), "644 root:root");
});
