//! Documents whose examination does not end, or ends the process that examines them; and what is kept when it is hard to find.

use super::*;

/// More CPU time than there is.
const LOOP: &str = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}x";

/// More stack than there is.
fn chain() -> String {
    format!("{{{{ {}1 }}}}", "-".repeat(100_000))
}

/// A machine with a good generation, and now this template over ours.
fn overridden(template: &str) -> Machine {
    let machine = Machine::new(GOOD);
    machine.start();
    let folder = machine.path("persistent/config/templates/etc");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("hosts.j2"), template).unwrap();
    machine
}

#[test]
fn a_template_without_end_or_without_measure_boots_the_last_good_generation() {
    // By the clock, where others use the processors.
    let endless = ["it used more than 5 s of CPU time", "it took longer than 7 s"];
    let cases = [(LOOP.to_owned(), &endless[..]), (chain(), &["nests too deeply"])];
    for (template, ways) in cases {
        let machine = overridden(&template);
        let (code, said) = machine.reboot().start();
        assert_eq!(code, 78, "{said}");
        assert!(
            said.contains("error[E0112]: the documents could not be examined"),
            "{said}"
        );
        assert!(ways.iter().any(|how| said.contains(how)), "{said}");
        assert_eq!(machine.runs().as_deref(), Some("edge1"));
        assert_eq!(machine.status()["configuration"], "refused");
        assert_eq!(machine.status()["generation"], machine.kept()[0].as_str());
        assert_eq!(machine.run(&["--verdict"]).status.code(), Some(78));
        assert!(machine.path("run/motd.d/imp").exists());
    }
}

#[test]
fn a_reload_of_such_a_template_changes_nothing() {
    let machine = overridden(&chain());
    let (code, said) = said(&machine.run(&["--reload"]));
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("the configuration is refused and nothing is changed"),
        "{said}"
    );
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    assert_eq!(machine.status()["configuration"], "refused");
    assert_eq!(machine.status()["generation"], machine.kept()[0].as_str());
}

/// As after an upgrade to a version that no longer gets to the end of what an older one did.
#[test]
fn a_kept_generation_without_an_answer_gives_way_to_an_older_one() {
    let machine = overridden("{{ hostname }}\n");
    machine.named("edge2").start();
    let newest = machine
        .path(KEPT)
        .join(&machine.kept()[0])
        .join("templates/etc/hosts.j2");
    assert!(newest.exists());
    fs::write(newest, chain()).unwrap();
    machine.write("broken");
    let (code, said) = machine.reboot().start();
    assert_eq!(code, 78, "{said}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
}

#[test]
fn without_any_generation_management_asks_for_an_address() {
    let machine = overridden(&chain());
    fs::remove_dir_all(machine.path(KEPT)).unwrap();
    let (code, said) = machine.reboot().start();
    assert_eq!(code, 78, "{said}");
    assert_eq!(machine.runs(), None);
    assert!(
        machine
            .text("run/systemd/network/90-imp-dhcp.network")
            .contains("DHCP=yes\n")
    );
}

#[test]
fn generations_are_found_whatever_became_of_their_list() {
    let lists: [fn(&Path); 4] = [
        |list| fs::write(list, "").unwrap(),
        |list| fs::remove_file(list).unwrap(),
        |list| fs::write(list, [fs::read(list).unwrap(), b"\xff\n".to_vec()].concat()).unwrap(),
        |list| {
            fs::remove_file(list).unwrap();
            fs::remove_file(list.with_file_name("current")).unwrap();
        },
    ];
    for damage in lists {
        let machine = Machine::new(GOOD);
        machine.start();
        machine.named("edge2").start();
        damage(&machine.path(KEPT).join("order"));
        machine.write("broken");
        let (code, said) = machine.reboot().start();
        assert_eq!(code, 78, "{said}");
        assert_eq!(machine.runs().as_deref(), Some("edge2"), "the newest one");
        machine.named("edge3").reboot().start();
        assert_eq!(machine.kept().len(), 3, "none was lost");
    }
}

/// The disk is full, or broken: that is said, and matters to the next boot alone.
#[test]
fn what_cannot_be_kept_runs() {
    let machine = Machine::new(GOOD);
    fs::write(machine.path("persistent/data/imp"), "in the way").unwrap();
    let (code, said) = machine.start();
    assert_eq!(code, 0, "{said}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    let problems = machine.status()["problems"].to_string();
    assert!(problems.contains("cannot be kept"), "{problems}");
}
