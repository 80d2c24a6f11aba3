// Verifies a license token with npm's jose alone: node verify.mjs [--roots roots.json] ROOT.pem trust.json TOKEN [STATUS]
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, decodeProtectedHeader, exportJWK, flattenedVerify, jwtVerify } from 'jose'

const SHARD = 131072
const DRIFT = 300 // seconds that the clock may be wrong
const ALGORITHMS = { ec: 'ES256', rsa: 'RS256', ed25519: 'EdDSA' } // one for each kind of key
const given = process.argv.slice(2)
const rootsFile = given[0] === '--roots' ? given.splice(0, 2)[1] : undefined
const [rootFile, trustFile, tokenFile, statusFile] = given
const text = (file) => readFileSync(file, 'utf8').trim()
const json = (octets) => JSON.parse(new TextDecoder().decode(octets))
const demand = (condition, reason) => { if (!condition) throw new Error(reason) }

// Each root says itself which one follows it. Words of others are passed over; one that does not verify refuses the document.
async function follow (root, words) {
  demand(Array.isArray(words) && words.length <= 256, 'this is no list of roots')
  for (const word of words) {
    if (decodeProtectedHeader(word).kid !== await calculateJwkThumbprint(await exportJWK(root))) continue
    const { payload, protectedHeader } = await compactVerify(word, root, by(root))
    demand(protectedHeader.typ === 'keygate-root+jwt', 'this is no word on a root')
    const said = json(payload)
    demand(said.ver === 1 && said.root.x5c.length === 1, 'the word on a root is of another version')
    root = new X509Certificate(Buffer.from(said.root.x5c[0], 'base64')).publicKey
  }
  return root
}
const by = (root) => ({ algorithms: [ALGORITHMS[root.asymmetricKeyType]] })

try {
  // 0. The root. A product keeps what it followed to in place of what it shipped with.
  const pem = text(rootFile)
  let root = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN'))).publicKey
  if (rootsFile) root = await follow(root, JSON.parse(text(rootsFile)).roots)

  // 1. The root vouches for the keys. A product keeps the highest seq that it has seen, and refuses a lower one.
  const signed = await flattenedVerify(JSON.parse(text(trustFile)), root, by(root))
  demand(signed.protectedHeader.typ === 'keygate-trust+jwt', 'this is no trust bundle')
  const trust = json(signed.payload)

  // 2. The license, under these keys alone; the library looks at nbf and exp.
  const { payload: license } = await jwtVerify(text(tokenFile), createLocalJWKSet({ keys: trust.keys }), {
    algorithms: ['ES256', 'RS256', 'EdDSA'], typ: 'keygate-license+jwt', clockTolerance: DRIFT,
  })
  demand(license.ver === 1, 'the license is of another version')

  // 3. Whether it is revoked or suspended. A product keeps the highest seq of each shard, too.
  if (statusFile) {
    const { payload, protectedHeader } = await compactVerify(text(statusFile), root, by(root))
    demand(protectedHeader.typ === 'keygate-status+jwt', 'this is no status list')
    const list = json(payload)
    const now = Date.now() / 1000
    const number = Number(license.sub.split('.')[1])
    demand(list.iat - DRIFT <= now && now < list.exp + DRIFT, 'the status list is outdated')
    demand(list.shard === Math.floor(number / SHARD), 'the status list covers other keys')
    demand(list['min-trust'] <= trust.seq, 'the trust bundle is outdated')
    const bits = inflateSync(Buffer.from(list.status_list.lst, 'base64url'), { maxOutputLength: SHARD / 4 })
    const place = number % SHARD
    const status = (bits[place >> 2] >> ((place & 3) * 2)) & 3
    demand(status === 0, status === 1 ? 'the license is revoked' : 'the license is suspended')
  }

  console.log(['valid', license.sub, license.keytype, ...(license.features ?? [])].join(' '))
} catch (error) {
  console.error(`refused: ${error.code ?? ''} ${error.message}`)
  process.exitCode = 1
}
