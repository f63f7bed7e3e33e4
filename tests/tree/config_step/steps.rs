//! What later steps read of a generation: written with it, taken back with it, and another version's is named, not guessed.

use super::*;
use imp::config::{Folder, parse};
use imp::exit::Kind;
use imp::plan::{identity, incus, netns};
use imp::step::input;
use imp::types::Root;

const STEPS: &str = "run/imp/generation/.steps";

fn namespaced(name: &str) -> String {
    format!("{GOOD}[dataplane]\nnamespace = \"{name}\"\n")
}

impl Machine {
    fn namespace(&self) -> String {
        let wanted: netns::Wanted = input::read(&Root::new(self.root.path())).unwrap();
        wanted.namespace.to_string()
    }
}

#[test]
fn the_steps_read_what_the_running_documents_ask() {
    let machine = Machine::new(namespaced("one"));
    assert_eq!(machine.start().0, 0);
    assert_eq!(machine.namespace(), "one");
    machine.write(namespaced("two"));
    assert_eq!(machine.namespace(), "one", "until they run");
    assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
    assert_eq!(machine.namespace(), "two");
    machine.write("broken");
    assert_eq!(machine.run(&["--reload"]).status.code(), Some(1));
    assert_eq!(machine.namespace(), "two", "a refused document changes nothing");
    assert_eq!(machine.reboot().start().0, 78);
    assert_eq!(machine.namespace(), "two", "the last good generation runs");
}

#[test]
fn without_a_configuration_the_steps_say_so() {
    let machine = Machine::empty();
    let root = Root::new(machine.root.path());
    let failure = input::read::<netns::Wanted>(&root).unwrap_err();
    assert_eq!(failure.kind(), Kind::Config);
    assert_eq!(
        failure.to_string(),
        "no configuration is running: none was accepted yet"
    );
    assert!(input::read_if_any::<identity::Wanted>(&root).unwrap().is_none());
    assert_eq!(machine.run(&["--steps"]).status.code(), Some(0), "nothing to do");
}

#[test]
fn what_another_version_wrote_is_named_and_written_anew() {
    let machine = Machine::new(namespaced("one"));
    machine.start();
    let root = Root::new(machine.root.path());
    let file = machine.path(STEPS).join("netns.json");
    let write: [&dyn Fn(); 3] = [
        &|| fs::write(&file, "{\"name\": \"one\"}\n").unwrap(),
        &|| fs::write(&file, "").unwrap(),
        &|| fs::remove_dir_all(machine.path(STEPS)).unwrap(),
    ];
    for write in write {
        write();
        let failure = input::read::<netns::Wanted>(&root).unwrap_err();
        assert_eq!(failure.kind(), Kind::Config);
        let said = failure.to_string();
        assert!(
            said.contains(".steps/netns.json: ") && said.contains("run '/usr/lib/imp/imp-config --steps'"),
            "{said}"
        );
        machine.write("broken");
        let before = machine.text("run/imp/generation/imp.toml");
        assert_eq!(machine.run(&["--steps"]).status.code(), Some(0));
        assert_eq!(machine.namespace(), "one");
        assert_eq!(machine.text("run/imp/generation/imp.toml"), before);
        // A reload of the same documents does it as well.
        write();
        machine.write(namespaced("one"));
        assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
        assert_eq!(machine.namespace(), "one");
    }
}

fn example() -> Machine {
    let machine = Machine::empty();
    copy(
        Path::new("tests/trees/01-example/root/persistent/config"),
        &machine.path("persistent/config"),
    );
    let secret = machine.path("persistent/config/secrets/bgp-transit-a");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();
    machine
}

#[test]
fn a_second_start_writes_none_of_it() {
    let machine = example();
    let inode = || fs::metadata(machine.path(STEPS).join("nic.json")).unwrap().ino();
    assert_eq!(machine.start().0, 0);
    let first = inode();
    // What is in no order would be in another one each time.
    for _ in 0..5 {
        assert_eq!(machine.start().0, 0);
        assert_eq!(inode(), first);
    }
}

#[test]
fn no_secret_is_in_what_the_steps_read() {
    let machine = example();
    let document = machine.path("persistent/config/imp.toml");
    let mut text = fs::read_to_string(&document).unwrap();
    text = text.replace(
        "[incus.bridges",
        "[incus]\npreseed-file = \"preseed.yaml\"\n\n[incus.bridges",
    );
    fs::write(document, text).unwrap();
    let preseed = "config:\n  core.trust_password: from-the-preseed\n";
    fs::write(machine.path("persistent/config/preseed.yaml"), preseed).unwrap();
    let (code, log) = machine.start();
    assert_eq!(code, 0, "{log}");
    let wanted: incus::Wanted = input::read(&Root::new(machine.root.path())).unwrap();
    assert_eq!(wanted.preseed.unwrap().file.to_string(), "preseed.yaml");
    let password = fs::read_to_string(machine.path("persistent/config/secrets/bgp-transit-a")).unwrap();
    let secrets = ["from-the-preseed", password.trim()];
    for entry in fs::read_dir(machine.path(STEPS)).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            secrets.iter().all(|secret| !text.contains(*secret)),
            "{}",
            path.display()
        );
    }
    // Nor is it a document: what is parsed of the folder is what the operator wrote.
    let folder = Folder::new(machine.path("run/imp/generation"));
    assert!(parse(&folder).model.is_some());
    assert!(folder.read_files().keys().all(|path| !path.starts_with(".steps")));
}
