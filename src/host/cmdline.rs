//! The kernel's command line: `/proc/cmdline` (kernel-command-line(7)).

use super::file::again;
use crate::types::Root;
use std::fs;
use std::io;

/// The command line without the newline; empty if it cannot be read.
pub fn text(root: &Root) -> String {
    read(root).unwrap_or_default()
}

/// The same, or why it cannot be read. The error names the file.
pub fn read(root: &Root) -> io::Result<String> {
    let path = root.join("proc/cmdline");
    let bytes = again(|| fs::read(&path))
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// The value of `key=value` in a command line. If the key is repeated, the last one counts.
pub fn value<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let mut words = line.split_whitespace().rev();
    words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn the_last_word_of_a_key_counts() {
        let line = "quiet panic=10 ostree=/a ostree=/b panicky=1";
        assert_eq!(value(line, "ostree"), Some("/b"));
        assert_eq!(value(line, "panic"), Some("10"));
        assert_eq!(value(line, "quiet"), None);
    }
}
