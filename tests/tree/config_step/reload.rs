//! A reload, and a step that is killed at any moment.

use super::*;

#[test]
fn a_reload_with_a_refused_document_changes_nothing_and_fails_visibly() {
    let machine = Machine::new(GOOD);
    machine.start();
    machine.write("broken");
    let before = snapshot(machine.root.path());
    let (code, said) = said(&machine.run(&["--reload"]));
    // Not 78: the unit has SuccessExitStatus=78, and `systemctl reload` has to fail.
    assert_eq!(code, 1);
    assert!(
        said.contains("the configuration is refused and nothing is changed") && said.contains("imp.toml:1:")
    );
    let verdict = ["verdict.json", "status.json", "apply.json", "run", "imp"];
    let mut after = snapshot(machine.root.path());
    for (path, was) in before {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            after.remove(&path) == Some(was) || verdict.contains(&name),
            "{}",
            path.display()
        );
    }
    assert!(
        after
            .keys()
            .all(|path| path.starts_with(machine.path("run/motd.d")) || path.ends_with("apply.json")),
        "{after:?}"
    );
    assert_eq!(machine.status()["configuration"], "refused");
    assert_eq!(machine.status()["generation"], machine.kept()[0].as_str());
    assert_eq!(machine.run(&["--verdict"]).status.code(), Some(78));
}

#[test]
fn a_reload_runs_the_new_document() {
    let machine = Machine::new("broken");
    machine.start();
    machine.write(GOOD);
    let (code, log) = said(&machine.run(&["--reload"]));
    assert_eq!(code, 0, "{log}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    assert!(!machine.path("run/motd.d/imp").exists());
    machine.named("edge2");
    assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
    assert_eq!(machine.runs().as_deref(), Some("edge2"));
    assert_eq!(machine.kept().len(), 2);
    let before = snapshot(machine.root.path());
    let (code, log) = said(&machine.run(&["--reload"]));
    assert_eq!((code, log.as_str()), (0, ""));
    assert_eq!(snapshot(machine.root.path()), before);
}

#[test]
fn killed_anywhere_the_next_boot_ends_where_it_would_have() {
    let machine = Machine::new(GOOD);
    machine.start();
    // How long a whole run takes here, so that kills fall into all of it.
    let began = std::time::Instant::now();
    machine.named("timed").start();
    let whole = began.elapsed();
    for round in 0..40u32 {
        let name = format!("edge{round}");
        machine.named(&name);
        let mut child = machine.command(&[]).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(whole * round / 40);
        let _ = child.kill();
        let _ = child.wait();
        // What it started ends with it, a moment later, and closes its end of the pipe then.
        let _ = std::io::copy(&mut child.stderr.take().unwrap(), &mut std::io::sink());
        // At every moment: what is kept is whole, and what runs is whole.
        let kept = machine.kept();
        assert!(!kept.is_empty());
        for id in &kept {
            assert!(
                machine
                    .text(&format!("{KEPT}/{id}/imp.toml"))
                    .starts_with("config-version = 1"),
                "{round}"
            );
        }
        let running = fs::read_to_string(machine.path("run/imp/generation/imp.toml")).unwrap();
        assert!(
            running.starts_with("config-version = 1") && running.ends_with("\"\n"),
            "{round}"
        );
        if round % 2 == 0 {
            // A wrong document after the kill: some generation is there to run.
            machine.write("broken");
            assert_eq!(machine.reboot().start().0, 78);
            assert!(machine.runs().is_some());
            machine.named(&name);
        }
        assert_eq!(machine.reboot().start().0, 0);
        assert_eq!(machine.runs().as_deref(), Some(name.as_str()));
        assert!(
            leftovers(machine.root.path()).is_empty(),
            "{:?}",
            leftovers(machine.root.path())
        );
    }
}
