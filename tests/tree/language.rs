//! The language as others read it: the JSON Schema, the manual page, and words of other systems.
#![allow(clippy::unwrap_used)]

use crate::pure::config::{files, said};
use imp::config;
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Compares a committed file with what it is made from; `BLESS=1` writes it anew.
fn committed(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        fs::write(file, made).unwrap();
        return;
    }
    let before = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        before == made,
        "{path} is not what the declarations say: run `BLESS=1 cargo test --test main -- language`"
    );
}

#[test]
fn the_schema_and_the_manual_are_committed_as_they_are() {
    committed("templates/config.schema.json", &config::schema());
    committed("templates/man/imp.toml.5", &config::manual());
}

#[test]
fn the_manual_page_is_sound_and_short() {
    let page = config::manual();
    // A line or two for each key of the language.
    assert!(page.lines().count() < 700, "{} lines", page.lines().count());
    for line in page.lines() {
        assert!(line.len() < 400, "{line}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &page).unwrap();
    let groff = Command::new("groff")
        .args(["-man", "-Tutf8", "-ww", "-z"])
        .arg(file.path())
        .output();
    match groff {
        Ok(output) => {
            let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() && complaints.is_empty(), "{complaints}");
        }
        Err(error) => crate::skip::skipped(format!("the_manual_page_is_sound_and_short: groff: {error}")),
    }
}

/// A later document's tables into the earlier ones.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// The documents of a folder as one; `None` when one of them is not TOML.
fn document(folder: &Path) -> Option<Value> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .ok()?
        .map(|entry| entry.unwrap().path())
        .collect();
    names.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    names.sort();
    let mut document = Map::new();
    for name in names {
        let text = fs::read_to_string(name).ok()?;
        let Value::Object(table) = toml::from_str(&text).ok()? else {
            return None;
        };
        merge(&mut document, table);
    }
    (!document.is_empty()).then_some(Value::Object(document))
}

fn folders(path: &str) -> Vec<std::path::PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut folders: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&config::schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn every_golden_tree_is_valid() {
    let validator = validator();
    let mut count = 0;
    for tree in folders("tests/trees") {
        let document = document(&tree.join("root/persistent/config")).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {}", tree.display(), errors.join("\n"));
        count += 1;
    }
    assert!(count > 10);
}

/// What a schema cannot see, by the code or the name of the case, under the reason.
const UNSEEN: [(&str, &[&str]); 6] = [
    (
        "files beside the document, not the document",
        &[
            "E0102-extra-file",
            "E0102-template",
            "E0106-identity-hosts",
            "E0106-identity-port",
            "E0320-in-a-file",
            "E0110",
            "E0204",
            "E0205",
            "E0207",
            "E0278",
            "E0338",
            "E0339",
            "E0340",
            "E0360",
            "E0370",
            "E0371",
            "E0372",
            "E0387",
            "E0388",
            "E0390",
            "E0607",
            "E0723",
            "E0728",
            "E0736",
            "E0878",
        ],
    ),
    (
        "several documents, of which a schema sees one",
        &["E0107-a-copy", "E0107-across-files", "E0107-lists-do-not-join"],
    ),
    (
        "arithmetic in a value: a range's ends, host bits, addresses hosts cannot have, durations",
        &[
            "E0106-core-list",
            "E0106-host-bits",
            "E0106-nic-wait-too-long",
            "E0106-pool",
            "E0106-range-reversed",
            "E0202",
            "E0215",
            "E0239",
            "E0241",
            "E0321",
        ],
    ),
    (
        "two keys of a table that decide about each other",
        &[
            "E0104-no-protocol-of-nat64",
            "E0106-dataset-snapshot",
            "E0106-dir-pool-relative",
            "E0106-prepend",
            "E0106-ra-intervals",
            "E0106-set-community-253",
            "E0203",
            "E0104-no-match",
            "E0233-bond",
            "E0271",
            "E0273",
            "E0274",
            "E0276",
            "E0277",
            "E0279",
            "E0209",
            "E0210",
            "E0219",
            "E0220",
            "E0221",
            "E0225",
            "E0226",
            "E0227",
            "E0228",
            "E0236",
            "E0240",
            "E0242",
            "E0243",
            "E0244",
            "E0310",
            "E0312",
            "E0313",
            "E0326",
            "E0327",
            "E0337",
            "E0350",
            "E0373",
            "E0382",
            "E0384",
            "E0420",
            "E0362",
            "E0705",
            "E0721",
            "E0722",
            "E0725",
            "E0727",
            "E0731",
            "E0732",
            "E0733",
            "E0755",
            "E0758",
            "E0760",
            "E0830",
            "E0833",
            "E0834",
            "E0836",
            "E0837",
            "E0838",
            "E0843",
            "E0845",
            "E0847",
            "E0850",
            "E0855",
            "E0858",
            "E0874",
            "E0876",
            "E0880",
            "E0881-ignored",
            "E0883",
        ],
    ),
    (
        "items of a list or names that are compared by meaning",
        &[
            "E0106-community-internet",
            "E0206",
            "E0246",
            "E0213",
            "E0214",
            "E0222",
            "E0223",
            "E0224",
            "E0314",
            "E0317",
            "E0322",
            "E0323-rpki",
            "E0328",
            "E0349",
            "E0364",
            "E0365",
            "E0272",
            "E0275-advertisements",
            "E0275-next-hop",
            "E0275-protocols",
            "E0703",
            "E0706",
            "E0710",
            "E0711",
            "E0394",
            "E0715",
            "E0751",
            "E0753",
            "E0754",
        ],
    ),
    (
        "other tables: what exists, what is connected, what is used",
        &[
            "E0211", "E0212", "E0216", "E0217", "E0218", "E0229", "E0230", "E0270", "E0231", "E0232",
            "E0234", "E0235", "E0237", "E0238", "E0245", "E0301", "E0302", "E0303", "E0304", "E0305",
            "E0306", "E0311", "E0315", "E0316", "E0318", "E0319", "E0330", "E0331", "E0332", "E0333",
            "E0334", "E0335", "E0336", "E0341", "E0342", "E0344", "E0345", "E0347", "E0351", "E0352",
            "E0353", "E0355", "E0361", "E0363", "E0366", "E0368", "E0369", "E0701", "E0702", "E0704",
            "E0707", "E0708", "E0709", "E0713", "E0714", "E0374", "E0375", "E0376", "E0377", "E0378",
            "E0379", "E0380", "E0381", "E0383", "E0385", "E0386", "E0389", "E0391", "E0421", "E0422",
            "E0734", "E0735", "E0392", "E0393", "E0716", "E0717", "E0720", "E0724", "E0726", "E0759",
            "E0761", "E0405", "E0718", "E0790", "E0791", "E0792", "E0793", "E0794", "E0795", "E0796",
            "E0797", "E0798", "E0799", "E0800", "E0801", "E0802", "E0831", "E0832", "E0835", "E0839",
            "E0840", "E0841", "E0842", "E0844", "E0846", "E0870", "E0871", "E0872", "E0873", "E0875",
            "E0877", "E0851", "E0852", "E0853", "E0854", "E0856", "E0857", "E0881", "E0882", "E0395",
            "E0907", "E0908", "E0396", "E0397", "E0398", "E0884", "E0399",
        ],
    ),
];

#[test]
fn what_a_schema_can_see_it_refuses() {
    let validator = validator();
    let mut unseen: Vec<&str> = Vec::new();
    let mut wrong = Vec::new();
    for case in folders("tests/rejects") {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let mut all = UNSEEN.iter().flat_map(|(_, cases)| *cases);
        let listed = all.find(|what| name == **what || name.split('-').next() == Some(**what));
        let Some(document) = document(&case) else { continue };
        match (validator.is_valid(&document), listed) {
            (true, None) => wrong.push(name),
            (true, Some(what)) => unseen.push(what),
            (false, _) => {}
        }
    }
    assert!(
        wrong.is_empty(),
        "valid, though nothing says why:\n{}",
        wrong.join("\n")
    );
    for (why, cases) in UNSEEN {
        for what in cases {
            assert!(
                unseen.contains(what),
                "{what} ({why}) is seen, or not there any more"
            );
        }
    }
}

#[test]
fn words_of_other_systems_lead_to_ours() {
    let document = "config-version = 1\nospfv3 = {}\n[system]\nhostname = \"edge1\"\n[vpp.core]\n\
        [interfaces.ae0]\nmembers = [\"a\"]\nmatch = { pci = \"0000:65:00.0\" }\nvif = {}\n\
        [bgp]\nasn = 64500\nrouter-id = \"192.0.2.1\"\n\
        [bgp.neighbors.\"198.51.100.1\"]\npeer-as = 64496\nimport = \"A\"\n\
        [[route-maps.A]]\naction = \"permit\"\nset = { med = 1, prepend = [64500] }\n[pppoe]\n";
    let text = said(&config::parse(&files(&[("imp.toml", document)])));
    for (word, ours) in [
        ("ospfv3", "ospf6"),
        ("members", "bond"),
        ("vif", "vlan"),
        ("peer-as", "remote-as"),
        ("import", "route-map"),
        ("med", "metric"),
        ("prepend", "as-path-prepend"),
    ] {
        let unknown = text.split("error[").find(|e| {
            e.lines()
                .next()
                .is_some_and(|line| line.contains(&format!("'{word}'")))
        });
        let told = unknown.is_some_and(|e| e.contains(&format!("is called '{ours}' here")));
        assert!(told, "{word}:\n{text}");
    }
    assert!(
        text.contains("error[E0201]: 'pppoe' is not in this version"),
        "{text}"
    );
}

#[test]
fn a_document_of_nothing_but_slips_is_answered_at_once() {
    let mut text = "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\n".to_owned();
    for n in 0..20_000 {
        text.push_str(&format!(
            "[[route-maps.M{n}]]\naction = \"permit\"\nmatch = {{ prefix-list = \"N{n}\" }}\n"
        ));
        text.push_str(&format!("[unknown{n}]\n"));
    }
    let begin = std::time::Instant::now();
    let parsed = config::parse(&files(&[("imp.toml", &text)]));
    assert!(parsed.diagnostics.len() >= 40_000);
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn what_is_no_key_leads_to_those_that_are() {
    let meant = |path: &str| config::keys_meant(path);
    assert_eq!(meant("interfaces.NAME.mut"), ["interfaces.NAME.mtu"]);
    assert_eq!(meant("interfaces.external.mtuu"), ["interfaces.external.mtu"]);
    assert_eq!(meant("[interface.NAME]"), ["interfaces.NAME"]);
    assert_eq!(
        meant("bgp.neighbors.\"198.51.100.1\".peer-as"),
        ["bgp.neighbors.\"198.51.100.1\".remote-as"]
    );
    assert_eq!(meant("rib-limit"), ["bgp.rib-limit"]);
    assert_eq!(meant("neighbors.remote-as")[0], "bgp.neighbors.ADDRESS.remote-as");
    assert!(meant("mtu").iter().any(|path| path == "interfaces.NAME.mtu"));
    for nothing in ["", "nothing", "NAME", "E9999", "a b", "[", "interfaces..mtu"] {
        assert!(meant(nothing).is_empty(), "{nothing}: {:?}", meant(nothing));
    }
}

#[test]
fn a_key_is_explained_by_its_path() {
    let explained = |path: &str| config::explain_key(path).unwrap_or_else(|| panic!("{path}"));
    let text = explained("interfaces.external.vlan.25.mtu");
    assert_eq!(
        text,
        "interfaces.external.vlan.25.mtu: The largest packet it carries; that of a VLAN is not above its parent's.\n\n  \
         takes     an MTU from 68 to 65535 bytes\n  \
         in        bytes\n  \
         absent    of a VLAN its parent's, else VPP's, 9000\n  \
         elsewhere mtu-size, l3-mtu, ip-mtu\n  \
         example   mtu = 9000\n  \
         since     0.1.0\n"
    );
    assert!(explained("route-maps.ALL[0].set").contains("as-path-prepend"));
    assert!(explained("bgp.neighbors.\"198.51.100.1\"").contains("remote-as"));
    assert!(explained("routes.\"0.0.0.0/0\".via").contains("via = \"198.51.100.1\""));
    assert!(explained(".").contains("prefix-lists"));
    // As the manual page writes tables.
    let table = explained("interfaces.NAME");
    assert_eq!(explained("[interfaces.NAME]"), table);
    assert_eq!(explained("[[route-maps.ALL]]"), explained("route-maps.ALL[0]"));
    assert_eq!(explained("bgp").matches("BGP.").count(), 1);
    let listed = table.split_once("\n\n").unwrap().1;
    assert!(explained("interfaces").ends_with(listed));
    assert!(explained("interfaces").contains("\ninterfaces.NAME: An interface"));
    assert!(explained("tunnels.t1.destination").contains("\n  only      with type gre, ipip or vxlan\n"));
    assert_eq!(config::explain_key("interfaces.external.mtuu"), None);
    assert_eq!(config::explain_key("nothing"), None);
    for path in config::key_paths() {
        explained(&path);
    }
}
