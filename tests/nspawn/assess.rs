//! The assessment of a boot on a machine with an unknown boot loader: health checks and evidence, no image to go back to, and
//! the previous configuration.

use super::machine::Machine;
use super::router::Router;

fn status(machine: &Machine) -> serde_json::Value {
    serde_json::from_str(&machine.try_sh("impctl boot status --format json").0).unwrap()
}

/// Waits for a verdict and returns it: `good`, `alarm`.
fn verdict(machine: &Machine) -> String {
    machine.until(
        "a verdict",
        120,
        "impctl boot status --format json | grep -qE '\"is\": \"(good|alarm|given-up)\"'",
    );
    let status = status(machine);
    status["boot"]["verdict"]["is"].as_str().unwrap().to_owned()
}

/// The verdict is good; otherwise the findings are shown.
fn assert_good(machine: &Machine) {
    let verdict = verdict(machine);
    let (found, _) =
        machine.try_sh("impctl health; impctl boot status; journalctl --no-pager -u 'imp-boot*'");
    assert_eq!(verdict, "good", "{found}");
}

#[test]
fn a_healthy_boot_is_good_and_other_checks_of_boot_complete_count() {
    let Some(router) = Router::with_example("a_healthy_boot_is_good_and_other_checks_of_boot_complete_count")
    else {
        return;
    };
    let machine = router.boot();
    assert_good(&machine);
    assert_eq!(machine.state("boot-complete.target"), "active");
    let said = machine.journal("-u imp-boot-assess.service -p warning");
    assert!(
        said.is_empty() || said.contains("No entries"),
        "a good boot says nothing:\n{said}"
    );
    let status = status(&machine);
    assert_eq!(status["backend"], "none");
    assert_eq!(status["boot"]["class"], "STEADY");
    assert_eq!(status["good"][0]["image"], "this-system");
    assert_eq!(
        status["good"][0]["config"],
        machine.sh("readlink /persistent/data/imp/generations/current")
    );
    let text = machine.sh("impctl boot status");
    assert!(text.contains("images CANNOT be tried"), "{text}");
    let (text, armed) = machine.try_sh("impctl boot arm some/image");
    assert!(!armed && text.contains("cannot try an image"), "{text}");
    a_later_deadline_of_a_trial_counts(&router, &machine);
    machine.power_off();

    // Another package's check, the way systemd.special(7) describes it.
    router.write_image(
        "etc/systemd/system/their-check.service",
        "[Unit]\nDefaultDependencies=no\nBefore=boot-complete.target\n\
         [Service]\nType=oneshot\nExecStart=/usr/bin/false\n[Install]\nRequiredBy=boot-complete.target\n",
    );
    router.write_image(
        "etc/systemd/system/boot-complete.target.d/their.conf",
        "[Unit]\nRequires=their-check.service\nAfter=their-check.service\n",
    );
    let machine = router.boot();
    assert_eq!(verdict(&machine), "alarm");
    // The verdict is on record before the evidence is.
    let why = machine.until("evidence is kept", 30, "impctl why");
    assert!(why.contains("boot-complete.target"), "{why}");
    machine.until(
        "the unit is red",
        30,
        "systemctl is-failed --quiet imp-boot-assess.service",
    );
    assert_eq!(
        machine.state("frr.service"),
        "active",
        "nothing that ran is stopped"
    );
}

/// systemd does not read the file of a timer again that it knows.
fn a_later_deadline_of_a_trial_counts(router: &Router, machine: &Machine) {
    let mut before = "180s";
    for (deadline, seconds) in [("240s", 1020), ("600s", 1740), ("180s", 1740)] {
        router.edit(
            &format!("health = {{ deadline = \"{before}\""),
            &format!("health = {{ deadline = \"{deadline}\""),
        );
        before = deadline;
        machine.sh("systemctl reload imp-config; touch /run/imp/trial; systemctl restart imp-boot-assess");
        machine.until("it is judged again", 60, "[ ! -e /run/imp/trial ]");
        let timers = "systemctl list-units --plain --no-legend --state=active 'imp-boot-deadline*.timer' | cut -d' ' -f1";
        let timer = format!("imp-boot-deadline-{seconds}.timer");
        assert_eq!(machine.sh(timers), timer, "{deadline}");
        let elapses = machine.sh(&format!("systemctl show -P TimersMonotonic {timer}"));
        assert!(
            elapses.contains(&format!("OnBootUSec={}min", seconds / 60)),
            "{elapses}"
        );
    }
}

#[test]
fn an_unhealthy_steady_boot_goes_back_to_the_previous_configuration() {
    let Some(router) =
        Router::with_example("an_unhealthy_steady_boot_goes_back_to_the_previous_configuration")
    else {
        return;
    };
    router.edit("health = { deadline = \"180s\"", "health = { deadline = \"40s\"");
    let machine = router.boot();
    assert_good(&machine);
    let good = machine.sh("readlink /persistent/data/imp/generations/current");
    machine.power_off();

    // An interface whose NIC is absent: accepted, but not healthy.
    router.write_config(
        "typo.toml",
        "[interfaces.typo]\nmatch = { mac = \"02:00:00:00:99:99\" }\naddresses = [\"192.0.2.129/30\"]\n",
    );
    let machine = router.boot();
    assert_eq!(
        verdict(&machine),
        "good",
        "{}",
        machine.journal(
            "-u imp-boot-assess -u imp-config -u netns-move-interfaces -u vpp-core-config -u vpp-core"
        )
    );
    let status = machine.sh("cat /run/imp/status.json");
    assert!(status.contains(&good) && status.contains("held back"), "{status}");
    let why = machine.sh("impctl why");
    assert!(why.contains("typo"), "{why}");
    machine.power_off();

    // It stays so until the documents change.
    let machine = router.boot();
    assert_eq!(verdict(&machine), "good");
    assert!(machine.sh("cat /run/imp/status.json").contains(&good));
    machine.sh("rm /persistent/config/typo.toml; systemctl restart imp-config");
    assert!(machine.sh("cat /run/imp/status.json").contains("\"accepted\""));
}
