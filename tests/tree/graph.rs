//! The picture of every golden tree, as a tree for the terminal, as SVG and for Graphviz.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::pure::config::private;
use imp::config::{self, Model};
use imp::facts::vpp::{Applied, InstanceFacts, Process};
use imp::impctl::graph::{dot, svg, text};
use imp::plan::graph::{Graph, Node, Seen, State, graph};
use imp::render::Bindings;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The trees whose SVG is golden too; the others are drawn by the same few lines.
const DRAWN: [&str; 3] = ["01-example", "06-three-nats", "11-bridges"];

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn trees() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/trees").unwrap();
    let mut trees: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    trees.sort();
    trees
}

fn name(tree: &Path) -> &str {
    tree.file_name().unwrap().to_str().unwrap()
}

fn model(tree: &Path) -> Model {
    let parsed = config::parse(&private(files(&tree.join("root/persistent/config"))));
    parsed
        .model
        .unwrap_or_else(|| panic!("{} is refused", tree.display()))
}

fn bindings(tree: &Path, model: &Model) -> Bindings {
    match fs::read_to_string(tree.join("bindings.json")) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(_) => Bindings::as_written(model),
    }
}

fn planned(tree: &Path) -> Graph {
    let model = model(tree);
    graph(&model, &bindings(tree, &model), None)
}

/// Every part, whatever it is in.
fn all(nodes: &[Node]) -> Vec<&Node> {
    nodes
        .iter()
        .flat_map(|node| std::iter::once(node).chain(all(&node.inner)))
        .collect()
}

#[test]
fn pictures_are_as_expected() {
    let mut differences = String::new();
    let mut compare = |path: PathBuf, drawn: String| {
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &drawn).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let diff = similar::TextDiff::from_lines(&expected, &drawn);
        if expected != drawn {
            differences += &format!("{}:\n{}\n", path.display(), diff.unified_diff());
        }
    };
    for tree in trees() {
        let graph = planned(&tree);
        compare(tree.join("graph.txt"), text(&graph, false));
        if DRAWN.contains(&name(&tree)) {
            compare(tree.join("graph.svg"), svg(&graph));
        }
    }
    assert!(
        differences.is_empty(),
        "{differences}\nBLESS=1 cargo test pictures_are rewrites what is expected"
    );
}

#[test]
fn every_id_is_there_once_and_every_joint_leads_somewhere() {
    for tree in trees() {
        let graph = planned(&tree);
        let nodes = all(&graph.namespaces);
        let ids: BTreeSet<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids.len(), nodes.len(), "{}", tree.display());
        for edge in &graph.edges {
            let known = [&edge.from, &edge.to].map(|id| ids.contains(id.as_str()));
            assert_eq!(known, [true, true], "{}: {edge:?}", tree.display());
        }
    }
}

#[test]
fn no_picture_has_a_secret() {
    for tree in trees() {
        let secrets: Vec<String> = files(&tree.join("root/persistent/config"))
            .into_iter()
            .filter(|(path, _)| path.starts_with("secrets/"))
            .map(|(_, bytes)| String::from_utf8(bytes).unwrap().trim().to_owned())
            .collect();
        let graph = planned(&tree);
        let json = serde_json::to_string(&graph).unwrap();
        for drawn in [text(&graph, false), svg(&graph), dot(&graph), json] {
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                assert!(!drawn.contains(secret.as_str()), "{}", tree.display());
            }
        }
    }
}

/// The value of an attribute, where the tag has it.
fn attribute(tag: &str, name: &str) -> Option<f64> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"')?.0.parse().ok()
}

#[test]
fn an_svg_is_well_formed_and_nothing_leaves_it() {
    for tree in trees() {
        let drawn = svg(&planned(&tree));
        let mut open = Vec::new();
        let mut height = 0.0;
        for piece in drawn.split('<').skip(1) {
            let (tag, words) = piece.split_once('>').unwrap();
            let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{}", tree.display());
            } else if !tag.ends_with('/') {
                open.push(name);
            }
            if name == "svg" && !tag.starts_with('/') {
                height = attribute(tag, "height").unwrap();
            }
            if name == "text" && !tag.starts_with('/') {
                let bare = words.replace("&amp;", "&").replace("&quot;", "\"");
                let bare = bare.replace("&lt;", "<").replace("&gt;", ">");
                let (x, y) = (attribute(tag, "x").unwrap(), attribute(tag, "y").unwrap());
                let end = x + bare.chars().count() as f64 * 6.63;
                assert!(end <= 1200.0 && y <= height, "{}: {bare}", tree.display());
            }
            if name == "rect" {
                let edge = |at, size| attribute(tag, at).unwrap_or(0.0) + attribute(tag, size).unwrap();
                assert!(
                    edge("x", "width") <= 1200.0 && edge("y", "height") <= height,
                    "{tag}"
                );
            }
        }
        assert_eq!(open, Vec::<&str>::new(), "{}", tree.display());
    }
}

/// The words of a line outside of quotes, and the quoted ones.
fn quoted(line: &str) -> (String, Vec<String>) {
    let (mut outside, mut strings) = (String::new(), Vec::new());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter != '"' {
            outside.push(letter);
            continue;
        }
        let mut string = String::new();
        loop {
            match letters.next().unwrap() {
                '"' => break,
                '\\' => string.push(letters.next().unwrap()),
                letter => string.push(letter),
            }
        }
        outside.push('Q');
        strings.push(string);
    }
    (outside, strings)
}

#[test]
fn graphviz_gets_its_own_language() {
    for tree in trees() {
        let drawn = dot(&planned(&tree));
        let mut depth = 0;
        let (mut made, mut joined) = (BTreeSet::new(), BTreeSet::new());
        for line in drawn.lines() {
            let (outside, strings) = quoted(line.trim_start());
            match outside.as_str() {
                "graph Q {" | "subgraph Q {" => depth += 1,
                "}" => depth -= 1,
                it if it.starts_with("graph [") || it.starts_with("node [") || it.starts_with("edge [") => {}
                "label=Q;" | "style=solid;" | "style=dashed;" | "style=dotted;" => {}
                it if it.starts_with("Q [label=Q, style=") && it.ends_with("];") => {
                    made.insert(strings[0].clone());
                }
                it if it == "Q -- Q;" || it.starts_with("Q -- Q [style=") && it.ends_with("];") => {
                    joined.extend(strings);
                }
                other => panic!("{}: {other}", tree.display()),
            }
        }
        assert_eq!(depth, 0, "{}", tree.display());
        assert!(joined.is_subset(&made), "{}", tree.display());
    }
}

fn instance(alive: bool, applied: Option<&str>) -> InstanceFacts {
    let process = Process::running(std::process::id().cast_signed()).unwrap();
    InstanceFacts {
        wanted: Some("a".to_owned()),
        applied: applied.map(|digest| Applied {
            generation: digest.to_owned(),
            process,
            startup: String::new(),
            commands: String::new(),
        }),
        alive,
        changing: None,
        failed: None,
    }
}

#[test]
fn what_was_seen_is_in_the_picture() {
    let tree = Path::new("tests/trees/01-example");
    let model = model(tree);
    let devices = |names: &[(&str, bool)]| {
        let devices = names.iter().map(|(name, works)| (name.parse().unwrap(), *works));
        Some(devices.collect::<BTreeMap<_, _>>())
    };
    let mut bindings = bindings(tree, &model);
    bindings.nics.remove("internal");
    let seen = Seen {
        host: devices(&[("mgmt0", true)]),
        namespace: devices(&[("external", true), ("external.25", false), ("lo0", true)]),
        management: Some("mgmt0".parse().unwrap()),
        instances: BTreeMap::from([
            ("core".parse().unwrap(), instance(true, Some("a"))),
            ("nat".parse().unwrap(), instance(false, Some("a"))),
        ]),
        bgp: Some(BTreeMap::from([
            ("198.51.100.1".parse().unwrap(), "Established".to_owned()),
            ("2001:db8:25::1".parse().unwrap(), "Active".to_owned()),
        ])),
        ospf: None,
        isis: None,
    };
    let graph = graph(&model, &bindings, Some(&seen));
    let state = |id: &str| {
        all(&graph.namespaces)
            .iter()
            .find(|node| node.id == id)
            .unwrap()
            .state
    };
    let expected = [
        ("nic:external", State::Up),
        ("nic:internal", State::Absent),
        ("nic:management", State::Up),
        ("core:external", State::Up),
        ("core:external.25", State::Down),
        ("core:internal", State::Absent),
        ("vpp:core", State::Up),
        ("vpp:nat", State::Down),
        ("nat:memif1/0", State::Down),
        ("pairs", State::Absent),
        ("bgp:198.51.100.1", State::Up),
        ("bgp:2001:db8:25::1", State::Down),
        ("ospf:internal.30", State::Unknown),
        ("bridge:incusbr0", State::Absent),
    ];
    for (id, expected) in expected {
        assert_eq!(state(id), expected, "{id}");
    }
    let drawn = text(&graph, false);
    let line = |name: &str| drawn.lines().find(|line| line.contains(name)).unwrap();
    assert!(line("external.25 ").contains("  down  "), "{drawn}");
    assert!(line("2001:db8:25::1 ").contains("Active"), "{drawn}");
    assert!(svg(&graph).contains(">absent</text>"));
    assert!(
        dot(&graph).contains("label=\"external.25 (down)"),
        "{}",
        dot(&graph)
    );
    let unseen = imp::plan::graph::graph(&model, &bindings, Some(&Seen::default()));
    let states: Vec<State> = all(&unseen.namespaces).iter().map(|node| node.state).collect();
    assert!(!states.contains(&State::Planned) || states.contains(&State::Unknown));
}
