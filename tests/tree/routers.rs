//! The configurations of real routers among the golden trees (`router-*`): what they say that has no key yet is marked in
//! them, `# MISSING what`.
#![allow(clippy::unwrap_used)]

use std::fs;

/// How many things there are that real routers say and these documents cannot.
const MISSING: usize = 26;

#[test]
fn what_real_routers_say_and_we_cannot_grows_no_longer() {
    let mut missing = 0;
    let mut routers = 0;
    for tree in fs::read_dir("tests/trees").unwrap() {
        let tree = tree.unwrap();
        if !tree.file_name().to_string_lossy().starts_with("router-") {
            continue;
        }
        routers += 1;
        let document = fs::read_to_string(tree.path().join("root/persistent/config/imp.toml")).unwrap();
        missing += document
            .lines()
            .filter(|line| line.trim_start().starts_with("# MISSING"))
            .count();
    }
    assert_eq!(routers, 23);
    assert_eq!(
        missing, MISSING,
        "a line that a key exists for is written with the key; then this number is lowered"
    );
}
