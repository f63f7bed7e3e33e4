//! What is deployed: a file that is received first, or an image that is there already.

use crate::types::ImageName;
use std::path::{Path, PathBuf};

/// What an operator typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A stream in a file.
    File(PathBuf),
    /// An image this machine has.
    Image(ImageName),
}

impl Source {
    /// A word that ends in `.zst` is a file; anything else is an image.
    pub fn parse(word: &str) -> Result<Self, String> {
        if Path::new(word).extension().is_some_and(|end| end == "zst") {
            return Ok(Self::File(word.into()));
        }
        word.parse().map(Self::Image).map_err(|_| {
            format!("'{word}' is neither a file that ends in .zfs.zst nor the name of an image (`impctl boot list`)")
        })
    }
}

/// The image a file becomes: beside the one that runs, named as the file is without `.zfs.zst`.
pub fn name(file: &Path, running: &ImageName) -> Result<ImageName, String> {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let stem = name.strip_suffix(".zst").unwrap_or(name);
    let stem = stem.strip_suffix(".zfs").unwrap_or(stem);
    let Some((parent, _)) = running.as_ref().rsplit_once('/') else {
        return Err(format!(
            "'{running}' is the pool itself: no image can be placed beside it"
        ));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
    if !stem.starts_with(|c: char| c.is_ascii_alphanumeric()) || !stem.chars().all(plain) {
        return Err(format!(
            "cannot name an image after '{name}': use letters, digits, '.', '_', '-' and ':' before .zfs.zst, a letter or digit first"
        ));
    }
    format!("{parent}/{stem}")
        .parse()
        .map_err(|error| format!("cannot name an image after '{name}': {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_end() {
        let file = Source::parse("/tmp/imp-3.zfs.zst").unwrap();
        assert_eq!(file, Source::File("/tmp/imp-3.zfs.zst".into()));
        let image = Source::parse("tank/ROOT/imp-3").unwrap();
        assert_eq!(image, Source::Image("tank/ROOT/imp-3".parse().unwrap()));
        assert!(Source::parse("/tmp/imp-3.zfs").unwrap_err().contains("neither"));
    }

    #[test]
    fn an_image_stands_beside_the_one_that_runs() {
        let running: ImageName = "tank/ROOT/a".parse().unwrap();
        let name = |file: &str| name(Path::new(file), &running);
        assert_eq!(
            name("/x/imp-2026.11.zfs.zst").unwrap().to_string(),
            "tank/ROOT/imp-2026.11"
        );
        assert_eq!(name("b.zst").unwrap().to_string(), "tank/ROOT/b");
        for bad in [
            ".zfs.zst",
            "a b.zst",
            "a@1.zfs.zst",
            "-n.zst",
            "a..b.zst",
            "ä.zst",
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
        let pool: ImageName = "tank".parse().unwrap();
        assert!(
            super::name(Path::new("b.zst"), &pool)
                .unwrap_err()
                .contains("pool itself")
        );
    }
}
