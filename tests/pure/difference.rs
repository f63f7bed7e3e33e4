//! What two configurations set differently, by what they mean.
#![allow(clippy::unwrap_used)]

use super::config::files;
use imp::config::difference::{Change, Entry, Tree, difference};
use std::path::Path;

fn documents(before: &str, after: &str) -> Vec<Entry> {
    difference(&files(&[("imp.toml", before)]), &files(&[("imp.toml", after)]))
}

/// `~ path`, `+ path`, `- path`, `> path`, one each.
fn told(entries: &[Entry]) -> Vec<String> {
    let sign = |change: &Change| match change {
        Change::Added { .. } => "+".to_owned(),
        Change::Removed { .. } => "-".to_owned(),
        Change::Changed { .. } => "~".to_owned(),
        Change::Members {
            added,
            removed,
            reordered,
        } => format!(
            "+{} -{}{}",
            added.len(),
            removed.len(),
            if *reordered { " order" } else { "" }
        ),
        Change::Renamed { to, .. } => format!("> {to}"),
        Change::Secret { .. } => "secret".to_owned(),
        Change::Lines { added, removed } => format!("lines +{added} -{removed}"),
    };
    entries
        .iter()
        .map(|it| format!("{} {}", it.path, sign(&it.change)))
        .collect()
}

#[test]
fn what_is_written_in_another_way_and_means_the_same_is_no_difference() {
    for (before, after) in [
        ("a = 1 # one\n", "# two\n\na   = 1\n"),
        (
            "[bgp]\nasn = 64500\nrouter-id = \"192.0.2.1\"\n",
            "[bgp]\nrouter-id = '192.0.2.1'\nasn = \"AS64500\"\n",
        ),
        (
            "[bgp.neighbors.\"2001:db8::1\"]\nmaximum-prefix = 1200000\n",
            "[bgp.neighbors.\"2001:DB8:0::1\"]\nmaximum-prefix = 1_200_000\n",
        ),
        (
            "[interfaces.a.vlan.25]\naddresses = [\"2001:db8::1/64\"]\n",
            "interfaces.a.vlan.25.addresses = [\n\"2001:0db8::1/64\"\n]\n",
        ),
        (
            "[interfaces.a]\nmatch = { mac = \"b4:96:91:00:00:10\" }\n",
            "[interfaces.a.match]\nmac = \"B4-96-91-00-00-10\"\n",
        ),
        (
            "[nat.c]\nfrom = [\"a\", \"b\"]\n",
            "[nat.c]\nfrom = [\"b\", \"a\"]\n",
        ),
        (
            "[[nat.c.mappings]]\ninside = \"10.0.0.0/24\"\n[[nat.c.mappings]]\ninside = \"10.0.1.0/24\"\n",
            "[nat.c]\nmappings = [{ inside = \"10.0.1.0/24\" }, { inside = \"10.0.0.0/24\" }]\n",
        ),
        (
            "[prefix-lists]\nA = [\"permit 10.0.0.0/8 le 8\", \"deny 10.1.0.0/16\"]\n",
            "[prefix-lists]\nA = [\"10.0.0.0/8\", \"deny  10.1.0.0/16\"]\n",
        ),
        (
            "[boot.health]\ndeadline = \"180s\"\n",
            "[boot]\nhealth = { deadline = \"3m\" }\n",
        ),
        ("[ospf]\n", "[ospf]\n"),
    ] {
        assert_eq!(told(&documents(before, after)), Vec::<String>::new(), "{after}");
    }
}

#[test]
fn a_difference_is_told_at_its_key() {
    for (before, after, expected) in [
        (
            "[system]\nhostname = \"a\"\n",
            "[system]\nhostname = \"b\"\n",
            &["system.hostname ~"][..],
        ),
        ("", "[interfaces.a.vlan.7]\nmtu = 1500\n", &["interfaces +"]),
        (
            "[interfaces.a]\nmtu = 1\n",
            "[interfaces.a]\nmtu = 1\n[interfaces.a.vlan.7]\nmtu = 1500\n",
            &["interfaces.a.vlan +"],
        ),
        (
            "[interfaces.a.vlan.7]\nmtu = 1500\n",
            "[interfaces.a.vlan.8]\nmtu = 1_500\n",
            &["interfaces.a.vlan.7 > interfaces.a.vlan.8"],
        ),
        (
            "[interfaces.a]\naddresses = [\"10.0.0.1/24\", \"10.1.0.1/24\"]\n",
            "[interfaces.a]\naddresses = [\"10.1.0.1/24\", \"10.0.0.1/24\"]\n",
            &["interfaces.a.addresses +0 -0 order"],
        ),
        (
            "[system]\nnameservers = [\"192.0.2.1\", \"192.0.2.2\"]\n",
            "[system]\nnameservers = [\"192.0.2.3\", \"192.0.2.2\"]\n",
            &["system.nameservers +1 -1"],
        ),
        (
            "[[route-maps.A]]\naction = \"permit\"\n",
            "[[route-maps.A]]\naction = \"deny\"\nmatch = { tag = 1 }\n[[route-maps.A]]\naction = \"permit\"\n",
            &["route-maps.A[0] +"],
        ),
        (
            "[[route-maps.A]]\naction = \"permit\"\nset = { metric = 1 }\n",
            "[[route-maps.A]]\naction = \"permit\"\nset = { metric = 2 }\n",
            &["route-maps.A[0].set.metric ~"],
        ),
        (
            "[nat.c]\nmappings = [{ inside = \"10.0.0.0/24\", outside = \"192.0.2.0/30\" }, { inside = \"10.0.1.0/24\", outside = \"192.0.2.4/30\" }]\n",
            "[nat.c]\nmappings = [{ inside = \"10.0.1.0/24\", outside = \"192.0.2.8/30\" }, { inside = \"10.0.0.0/24\", outside = \"192.0.2.0/30\" }]\n",
            &["nat.c.mappings[0].outside ~"],
        ),
        (
            "[routes]\n\"10.0.0.0/8\" = { via = \"192.0.2.1\" }\n",
            "[routes]\n\"10.0.0.0/8\" = { blackhole = true }\n",
            &["routes.\"10.0.0.0/8\".via -", "routes.\"10.0.0.0/8\".blackhole +"],
        ),
    ] {
        assert_eq!(told(&documents(before, after)), expected, "{after}");
    }
}

#[test]
fn a_list_in_a_file_is_compared_by_its_members_wherever_they_stand() {
    let named = "[prefix-lists]\nA = { file = \"a.txt\" }\n";
    let before = files(&[("imp.toml", named), ("a.txt", "10.0.0.0/24\n10.0.1.0/24\n")]);
    let inline = "[prefix-lists]\nA = [\"10.0.0.0/24\", \"10.0.1.0/24\"]\n";
    assert_eq!(
        told(&difference(&before, &files(&[("imp.toml", inline)]))),
        Vec::<String>::new()
    );
    let cisco =
        "no ip prefix-list NN\nip prefix-list NN permit 10.0.0.0/24\nip prefix-list NN permit 10.0.2.0/24\n";
    let after = files(&[("imp.toml", named), ("a.txt", cisco)]);
    let entries = difference(&before, &after);
    assert_eq!(told(&entries), ["prefix-lists.A +1 -1"]);
    let Change::Members { added, removed, .. } = &entries[0].change else {
        panic!("{entries:?}");
    };
    assert_eq!(
        (added[0].place.as_str(), removed[0].place.as_str()),
        ("a.txt:3", "a.txt:2")
    );
    assert_eq!(added[0].value, "10.0.2.0/24");
}

#[test]
fn files_beside_the_documents_are_told_without_what_is_in_them() {
    let key = "[bgp.neighbors.\"192.0.2.1\"]\npassword-file = \"secrets/p\"\n[frr]\nextra-file = \"e\"\n";
    let before = files(&[
        ("imp.toml", key),
        ("secrets/p", "first-secret\n"),
        ("e", "a\nb\nkey x\n"),
    ]);
    let after = files(&[
        ("imp.toml", key),
        ("secrets/p", "other-secret\n"),
        ("e", "a\nc\nd\nkey x\n"),
    ]);
    let entries = difference(&before, &after);
    let expected = [
        "bgp.neighbors.\"192.0.2.1\".password-file secret",
        "e lines +2 -1",
    ];
    assert_eq!(told(&entries), expected);
    let all = format!("{entries:?}{}", serde_json::to_string(&entries).unwrap());
    assert!(
        !all.contains("first-secret") && !all.contains("other-secret"),
        "{all}"
    );
}

#[test]
fn a_document_that_moves_to_another_file_is_no_difference() {
    let before = files(&[(
        "imp.toml",
        "[system]\nhostname = \"a\"\n[ospf]\ndefault-originate = true\n",
    )]);
    let after = files(&[
        ("10-system.toml", "[system]\nhostname = \"a\"\n"),
        ("20-ospf.toml", "[ospf]\ndefault-originate = true\n"),
    ]);
    assert_eq!(told(&difference(&before, &after)), Vec::<String>::new());
}

/// The configuration of a golden tree.
fn golden(folder: &Path, below: &str, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        match path.is_dir() {
            true => golden(&path, &format!("{name}/"), tree),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                tree.insert(name, imp::config::File { bytes, mode: 0o640 });
            }
        }
    }
}

#[test]
fn between_golden_trees_what_one_way_adds_the_other_removes() {
    let trees = std::fs::read_dir("tests/trees").unwrap();
    let folders = trees.map(|entry| entry.unwrap().path().join("root/persistent/config"));
    let mut folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    folders.sort();
    let trees: Vec<Tree> = folders
        .iter()
        .map(|folder| {
            let mut tree = Tree::new();
            golden(folder, "", &mut tree);
            tree
        })
        .collect();
    assert!(trees.len() > 10);
    let counts = |entries: &[Entry]| {
        let mut counts = [0_usize; 2];
        for entry in entries {
            let (more, less) = match &entry.change {
                Change::Added { .. } => (1, 0),
                Change::Removed { .. } => (0, 1),
                Change::Members { added, removed, .. } => (added.len(), removed.len()),
                Change::Lines { added, removed } => (*added, *removed),
                _ => (0, 0),
            };
            counts[0] += more;
            counts[1] += less;
        }
        counts
    };
    for (index, one) in trees.iter().enumerate() {
        assert_eq!(told(&difference(one, one)), Vec::<String>::new());
        let other = &trees[(index + 1) % trees.len()];
        let (forth, back) = (counts(&difference(one, other)), counts(&difference(other, one)));
        assert_eq!(
            (forth[0], forth[1]),
            (back[1], back[0]),
            "{}",
            folders[index].display()
        );
    }
}
