// Verifies a license token with npm's jose alone: node verify.mjs ROOT.pem trust.json TOKEN [STATUS]
import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { compactVerify, createLocalJWKSet, flattenedVerify, importX509, jwtVerify } from 'jose'

const SHARD = 131072
const DRIFT = 300 // seconds that the clock may be wrong
const [rootFile, trustFile, tokenFile, statusFile] = process.argv.slice(2)
const text = (file) => readFileSync(file, 'utf8').trim()
const json = (octets) => JSON.parse(new TextDecoder().decode(octets))
const demand = (condition, reason) => { if (!condition) throw new Error(reason) }

try {
  // 1. The root vouches for the keys. A product keeps the highest seq that it has seen, and refuses a lower one.
  const pem = text(rootFile)
  const root = await importX509(pem.slice(pem.indexOf('-----BEGIN')), 'ES256')
  const signed = await flattenedVerify(JSON.parse(text(trustFile)), root, { algorithms: ['ES256'] })
  demand(signed.protectedHeader.typ === 'keygate-trust+jwt', 'this is no trust bundle')
  const trust = json(signed.payload)

  // 2. The license, under these keys alone; the library looks at nbf and exp.
  const { payload: license } = await jwtVerify(text(tokenFile), createLocalJWKSet({ keys: trust.keys }), {
    algorithms: ['ES256', 'RS256', 'EdDSA'], typ: 'keygate-license+jwt', clockTolerance: DRIFT,
  })
  demand(license.ver === 1, 'the license is of another version')

  // 3. Whether it is revoked or suspended. A product keeps the highest seq of each shard, too.
  if (statusFile) {
    const { payload, protectedHeader } = await compactVerify(text(statusFile), root, { algorithms: ['ES256'] })
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
