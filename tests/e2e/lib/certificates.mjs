// Self-signed certificates, made by openssl.
import path from 'node:path';
import { run } from './process.mjs';
import { scratchFile } from './scratch.mjs';

// { certificate, key }: files of a pair for `host`, a name or an address.
export async function makeCertificate(host) {
  const key = scratchFile('key.pem', '');
  const certificate = path.join(path.dirname(key), `${path.basename(key, '.pem')}-certificate.pem`);
  const name = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
  const { code, output } = await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', certificate, '-subj', `/CN=${host}`, '-addext', `subjectAltName=${name}`],
  ]);
  if (code !== 0) throw new Error(output);
  return { certificate, key };
}
