//! The private keys of WireGuard, which are in files of the configuration and nowhere else.

use super::files::Files;
use crate::host::file;
use crate::plan::vpp::WireguardTunnel;
use crate::types::WireguardSecret;
use std::path::Path;

/// The private key of a tunnel. Errors say which file has not got it, and never what it has.
///
/// What runs may be older than the file, where a change is taken back: a generation that is kept has the key then.
pub(super) fn of_tunnel(files: &Files, tunnel: &WireguardTunnel<'_>) -> Result<WireguardSecret, String> {
    let kept = file::list_dirs_newest_first(&files.kept).unwrap_or_default();
    let folders = std::iter::once(files.running.clone()).chain(kept);
    let keys = folders.filter_map(|folder| read(&folder.join(tunnel.key_file)));
    let mut own = keys.filter(|key| key.public() == tunnel.public_key);
    own.next().ok_or_else(|| {
        format!(
            "'{}' has no private key that belongs to {}",
            tunnel.key_file, tunnel.public_key
        )
    })
}

fn read(path: &Path) -> Option<WireguardSecret> {
    file::read_text(path).ok()??.trim_end().parse().ok()
}
