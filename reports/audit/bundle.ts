// An audit bundle: everything that a run was judged by and what was found, in one signed archive.
import { BadInput, problem } from "../../fixtures/errors.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { asRun } from "../run/file.ts";
import type { Run } from "../run/run.ts";
import { judgedTargets } from "../run/run.ts";
import { archiveOf, type BundleFiles, openArchive } from "./archive.ts";
import {
  type Difference,
  differences,
  digestOf,
  manifestName,
  manifestOf,
  signatureName,
} from "./manifest.ts";
import { isSigned, namespace, sign, signer } from "./signature.ts";

/** The name of the run's document in a bundle. */
export const runName = "run.json";
/** The folder of the evidence in a bundle: one file for each phase. */
const evidenceFolder = "evidence";

/** The name of a phase's evidence in a bundle. A run on several targets has a folder for each. */
export function evidenceName({ targets }: Run, target: string, phase: string): string {
  const at = targets.findIndex((one) => one.target === target);
  const folder =
    targets.length > 1 ? `/${at + 1}-${target.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 40)}` : "";
  return `${evidenceFolder}${folder}/${phase}.json`;
}

/** The archive of these files with a README, a manifest and its signature. */
export async function bundleOf(files: BundleFiles, key: string): Promise<Buffer> {
  const all = new Map(files).set("README.txt", Buffer.from(readme));
  const manifest = manifestOf(all);
  all.set(manifestName, Buffer.from(manifest)).set(signatureName, Buffer.from(sign(manifest, key)));
  return archiveOf(all);
}

/** What the check of a bundle found. */
export interface Checked {
  readonly files: BundleFiles;
  /** Each file that is not as it was signed; empty if the bundle is what was signed. */
  readonly differences: readonly Difference[];
  /** Whether the key has signed the manifest. */
  readonly signed: boolean;
  /** What is wrong beside single files, in sentences. */
  readonly problems: readonly string[];
}

/**
 * Checks a bundle with the signer's public key, and nothing else: the signature, each file, the archive between the files, and
 * that the evidence is the one that the run's document speaks of.
 * @throws BadInput if it is no bundle, or the key is none.
 */
export async function checkBundle(bytes: Buffer, file: string, publicKey: string): Promise<Checked> {
  const { files, canonical } = await openArchive(bytes, file);
  const manifest = files.get(manifestName)?.toString("latin1");
  const signature = files.get(signatureName)?.toString("latin1");
  const missing = [manifestName, signatureName].filter((name) => !files.has(name));
  const signed =
    manifest !== undefined && signature !== undefined && isSigned(manifest, signature, publicKey);
  const found: Difference[] = [
    ...missing.map((name): Difference => ({ file: name, what: "missing" })),
    ...(manifest === undefined ? [] : differences(manifest, files)),
  ];
  const intact = found.length === 0;
  const problems = [
    ...(signed || missing.length > 0
      ? []
      : [
          `The signature is not one of ${manifestName} by this key: ${manifestName} or ${signatureName} was touched, or another key has signed`,
        ]),
    ...(canonical || !intact || !signed
      ? []
      : ["The archive was touched between its files: no bundle is written like that"]),
    ...(intact && signed ? strangeEvidence(files) : []),
  ];
  return { files, differences: found, signed, problems };
}

/** The run's document of a bundle. @throws BadInput if it has none. */
export function runIn(files: BundleFiles, file: string): Run {
  const text = files.get(runName)?.toString("utf8");
  if (text === undefined)
    throw new BadInput(problem(`${file} holds no ${runName}`, `tar -tf ${quoteWord(file)}`));
  try {
    return asRun(JSON.parse(text), { file: `${file}!${runName}`, text });
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(problem(`${file}: ${runName} is no JSON: ${(error as Error).message}`));
  }
}

/** The document names the digest of each phase's evidence: what differs was not judged by that run. */
function strangeEvidence(files: BundleFiles): string[] {
  const run = runIn(files, "the bundle");
  return judgedTargets(run).flatMap(({ target, evidence }) =>
    evidence.flatMap(({ phase, digest }) => {
      const name = evidenceName(run, target, phase);
      const content = files.get(name);
      if (content !== undefined && `sha256:${digestOf(content)}` === digest) return [];
      return [`${name} is not the evidence that ${runName} was judged by (${digest})`];
    }),
  );
}

const readme = `Audit bundle of an acceptance run
=================================

run.json       what was judged, by which suite, the verdict on each requirement, and who accepted which failure
register/      what was required: the register of requirements, and the plan's tasks
evidence/      what was observed, before and after the plan
journal/       what was applied: the record and the output of each command
verdicts/      the results of the tests, with each check and each control
reports/       the same for readers: open reports/index.html in a browser

MANIFEST.sha256 has the SHA-256 of each file. MANIFEST.sha256.sig is its signature.

To check it you need this bundle, the signer's public key (one line, "ssh-ed25519 AAAA...") and OpenSSH:

    mkdir bundle && tar -xf BUNDLE.tar -C bundle && cd bundle
    sha256sum --check --quiet MANIFEST.sha256
    echo "${signer} namespaces=\\"${namespace}\\" $(cut -d' ' -f1,2 /path/to/audit-key.pub)" > /tmp/allowed
    ssh-keygen -Y verify -f /tmp/allowed -I ${signer} -n ${namespace} \\
        -s MANIFEST.sha256.sig < MANIFEST.sha256

No output of sha256sum means: no listed file was touched. A file that is not listed was added:

    comm -13 <(cut -c67- MANIFEST.sha256 | sort) <(find . -type f -printf '%P\\n' | sort)

lists MANIFEST.sha256 and MANIFEST.sha256.sig, and nothing else. In a checkout of the suite, "npm run phoenix -- audit verify BUNDLE.tar --key audit-key.pub"
does all of that at once.
`;
