//! Who may do what on the bed: keys, tokens, and the kubeconfigs that hold them.

use super::NAMESPACE;
use crate::step::output;
use anyhow::{Context, Result};
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

/// The secrets of one start.
pub struct Access {
    /// Bearer token of a user who may do everything.
    pub admin: String,
    /// Bearer token of the user `holdfast`, who may do what `deploy/velero-rbac.yaml` says.
    pub user: String,
    /// Secret key of the object store.
    pub store: String,
}

impl Access {
    /// Makes them and the files in `dir` that tell the programs about them.
    pub fn make(dir: &Path) -> Result<Self> {
        let access = Self { admin: random_hex()?, user: random_hex()?, store: random_hex()? };
        let tokens = format!("{},admin,1,\"system:masters\"\n{},holdfast,2,\"holdfast\"\n", access.admin, access.user);
        fs::write(dir.join("tokens.csv"), tokens)?;
        fs::write(
            dir.join("cloud"),
            format!("[default]\naws_access_key_id=bed\naws_secret_access_key={}\n", access.store),
        )?;
        fs::write(dir.join("sa.key"), rsa_key()?)?;
        Ok(access)
    }
}

/// Writes the kubeconfig of a user.
pub fn kubeconfig(dir: &Path, user: &str, server: &str, ca: &Path, token: &str) -> Result<PathBuf> {
    let path = dir.join(format!("{user}.kubeconfig"));
    // With the certificate inside: a kubeconfig that names files is refused by the product, and rightly.
    let ca = base64(&fs::read(ca).context("the API server wrote no certificate")?);
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: bed\n\
         clusters:\n- name: bed\n  cluster:\n    server: {server}\n    certificate-authority-data: {ca}\n\
         users:\n- name: {user}\n  user:\n    token: {token}\n\
         contexts:\n- name: bed\n  context:\n    cluster: bed\n    user: {user}\n    namespace: {NAMESPACE}\n"
    );
    fs::write(&path, text)?;
    Ok(path)
}

/// 48 hexadecimal digits from the system's random source.
pub fn random_hex() -> Result<String> {
    let mut bytes = [0; 24];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A new RSA key as PEM, for service account tokens.
pub fn rsa_key() -> Result<String> {
    let script = "process.stdout.write(require('node:crypto').generateKeyPairSync('rsa', { modulusLength: 2048 })\
                  .privateKey.export({ type: 'pkcs8', format: 'pem' }))";
    output(Command::new("node").args(["-e", script]))
}

/// Standard base64 with padding.
pub fn base64(data: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let index = (bits >> (18 - 6 * at)) & 63;
            let digit = ALPHABET.get(index as usize).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
