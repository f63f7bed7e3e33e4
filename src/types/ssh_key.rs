//! Private keys as sshd reads them from a file: PEM (RFC 7468), inside it OpenSSH's own format (`PROTOCOL.key`) or DER.

use base64ct::{Base64, Encoding as _};
use std::fmt;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const OPENSSH: &str = "OPENSSH PRIVATE KEY";
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Why sshd cannot use a file as a host key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPrivateKey {
    /// It begins as no private key does: zeros of a power cut, a public key, a key of PuTTY.
    Other,
    /// It begins as one and does not hold it whole.
    Damaged,
    /// It needs a passphrase, and nobody types one at boot.
    Encrypted,
}

impl fmt::Display for NoPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Other => "is no private key",
            Self::Damaged => "is a private key that is cut off or damaged",
            Self::Encrypted => "is a private key with a passphrase",
        })
    }
}

/// The bytes of a file are a whole private key without a passphrase. Whether its numbers are right is not looked at.
pub fn is_private_key(bytes: &[u8]) -> Result<(), NoPrivateKey> {
    let text = std::str::from_utf8(bytes).map_err(|_| NoPrivateKey::Other)?;
    let mut lines = text.lines();
    let kind = lines
        .next()
        .and_then(|line| line.strip_prefix(BEGIN)?.trim_end().strip_suffix("-----"))
        .filter(|kind| kind.ends_with("PRIVATE KEY"))
        .ok_or(NoPrivateKey::Other)?;
    let mut body = String::new();
    loop {
        // OpenSSH wants the end of the last line as well.
        let line = lines.next().ok_or(NoPrivateKey::Damaged)?;
        if let Some(end) = line.strip_prefix(END) {
            let whole = end.trim_end().strip_suffix("-----") == Some(kind) && text.ends_with('\n');
            break if whole { Ok(()) } else { Err(NoPrivateKey::Damaged) };
        }
        match line.split_once(": ") {
            Some(("Proc-Type", value)) if value.contains("ENCRYPTED") => {
                return Err(NoPrivateKey::Encrypted);
            }
            Some(_) => {}
            None => body.push_str(line.trim_end()),
        }
    }?;
    let bytes = Base64::decode_vec(&body).map_err(|_| NoPrivateKey::Damaged)?;
    match kind {
        // It looks for these two lines to the byte: an editor that ends lines with CR LF has damaged the key.
        OPENSSH if !has_lines(text, kind) => Err(NoPrivateKey::Damaged),
        OPENSSH => of_openssh(&bytes),
        "ENCRYPTED PRIVATE KEY" => Err(NoPrivateKey::Encrypted),
        _ => of_der(&bytes),
    }
}

fn has_lines(text: &str, kind: &str) -> bool {
    text.starts_with(&format!("{BEGIN}{kind}-----\n")) && text.contains(&format!("\n{END}{kind}-----\n"))
}

/// Cipher, derivation and its options, how many keys, the public ones, the private part; nothing behind it.
fn of_openssh(bytes: &[u8]) -> Result<(), NoPrivateKey> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(NoPrivateKey::Damaged)?;
    let (cipher, rest) = string(rest)?;
    let (_, rest) = string(rest)?;
    let (_, rest) = string(rest)?;
    let (keys, rest) = number(rest)?;
    let (_, rest) = string(rest)?;
    let (private, rest) = string(rest)?;
    match (cipher, keys, private.is_empty(), rest) {
        (_, 1, false, []) if cipher == b"none" => Ok(()),
        (_, 1, false, _) if cipher != b"none" => Err(NoPrivateKey::Encrypted),
        _ => Err(NoPrivateKey::Damaged),
    }
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), NoPrivateKey> {
    let (number, rest) = bytes.split_first_chunk().ok_or(NoPrivateKey::Damaged)?;
    Ok((u32::from_be_bytes(*number), rest))
}

fn string(bytes: &[u8]) -> Result<(&[u8], &[u8]), NoPrivateKey> {
    let (length, rest) = number(bytes)?;
    let length = usize::try_from(length).map_err(|_| NoPrivateKey::Damaged)?;
    rest.split_at_checked(length).ok_or(NoPrivateKey::Damaged)
}

/// One SEQUENCE, as long as it says.
fn of_der(bytes: &[u8]) -> Result<(), NoPrivateKey> {
    let whole = match bytes {
        [0x30, length @ 0..=0x7f, rest @ ..] => usize::from(*length) == rest.len(),
        [0x30, 0x81, length, rest @ ..] => usize::from(*length) == rest.len(),
        [0x30, 0x82, high, low, rest @ ..] => usize::from(u16::from_be_bytes([*high, *low])) == rest.len(),
        _ => false,
    };
    if whole { Ok(()) } else { Err(NoPrivateKey::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `ssh-keygen -t ed25519`, for this test alone.
    const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACBNpeN23i495MI+GqA8XvAm8mZAJIo5wI1/DGroB8uR7wAAAIgqndaUKp3W
lAAAAAtzc2gtZWQyNTUxOQAAACBNpeN23i495MI+GqA8XvAm8mZAJIo5wI1/DGroB8uR7w
AAAECq7JkDnmX4c35yqBl5FTpf/VL+R9Cb34fxTrvvqYygPk2l43beLj3kwj4aoDxe8Cby
ZkAkijnAjX8MaugHy5HvAAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
";

    #[test]
    fn a_whole_key_is_told_from_what_a_power_cut_leaves() {
        assert_eq!(is_private_key(KEY.as_bytes()), Ok(()));
        for cut in 1..KEY.len() {
            assert!(is_private_key(&KEY.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(
            is_private_key(KEY.replace('\n', "\r\n").as_bytes()),
            Err(NoPrivateKey::Damaged)
        );
        let mut holed = KEY.as_bytes().to_vec();
        holed[120..180].fill(0);
        assert_eq!(is_private_key(&holed), Err(NoPrivateKey::Damaged));
        for (text, why) in [
            ("\0\0\0\0", NoPrivateKey::Other),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 a\n", NoPrivateKey::Other),
            (
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                NoPrivateKey::Other,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMAIB\n-----END PRIVATE KEY-----\n",
                NoPrivateKey::Damaged,
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMAA=\n-----END RSA PRIVATE KEY-----\n",
                NoPrivateKey::Encrypted,
            ),
        ] {
            assert_eq!(is_private_key(text.as_bytes()), Err(why), "{text}");
        }
        let der = "-----BEGIN EC PRIVATE KEY-----\nMAIBAg==\n-----END EC PRIVATE KEY-----\n";
        assert_eq!(is_private_key(der.as_bytes()), Ok(()));
        let der = der.replace('\n', "\r\n");
        assert_eq!(is_private_key(der.as_bytes()), Ok(()), "OpenSSL reads it");
    }

    #[test]
    fn a_passphrase_is_noticed() {
        let parts: [&[u8]; 5] = [b"aes256-ctr", b"bcrypt", b"salt", b"public", b"private"];
        let mut bytes = MAGIC.to_vec();
        for (at, part) in parts.iter().enumerate() {
            if at == 3 {
                bytes.extend(1_u32.to_be_bytes());
            }
            bytes.extend(u32::try_from(part.len()).unwrap_or(0).to_be_bytes());
            bytes.extend(*part);
        }
        let text = format!(
            "-----BEGIN {OPENSSH}-----\n{}\n-----END {OPENSSH}-----\n",
            Base64::encode_string(&bytes)
        );
        assert_eq!(is_private_key(text.as_bytes()), Err(NoPrivateKey::Encrypted));
    }
}
