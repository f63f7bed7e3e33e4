//! How a trial ended, by what was left of it.

use super::*;

#[test]
fn a_failed_unit_is_named_with_its_exit_and_its_words() {
    let site = Site::new();
    let mut time_line = TimeLine::default();
    time_line.note(12_000, &[outcome("units", CheckState::Passed, "none")]);
    time_line.note(15_000, &[outcome("units", CheckState::Passed, "none, again")]);
    time_line.note(
        18_000,
        &[outcome("units", CheckState::Failed, "nginx.service: failed")],
    );
    let found = Evidence {
        unit: Some(failed_unit("nginx.service", "exited with status 1")),
        checks: time_line.observations().to_vec(),
        marks: vec![
            Mark {
                phase: Phase::Userspace,
                at_ms: 3100,
            },
            Mark {
                phase: Phase::Config,
                at_ms: 3400,
            },
        ],
        command_line: "root=zfs:AUTO".to_owned(),
        ..of_trial(
            Ending::Verdict,
            "units: expected no failed unit, observed nginx.service: failed",
        )
    };
    evidence::write(&site.root, &found).unwrap();
    site.ended(End::Failed, Some(Culprit::Image), "units");
    let (text, code) = site.why(&[]);
    assert_eq!(code, 0);
    let wanted = "\
tank/ROOT/b was tried and rejected: units: expected no failed unit, observed nginx.service: failed. Cause: the image.

first failed unit: nginx.service failed (exit-code): exited with status 1, at 14.2 s
  [   14.230001] nginx[812]: bind() to 0.0.0.0:80 failed

       at  check          expected        observed
   12.0 s  units  passed  no failed unit  none
   18.0 s  units  FAILED  no failed unit  nginx.service: failed

reached: userspace at 3.1 s, config at 3.4 s
not reached: dataplane, assess, verdict

boot:
  boot 11111111-2222-3333-4444-555555555555
  trial 0a1b2c3d4e5f
  kernel: root=zfs:AUTO

evidence: /persistent/data/imp/evidence/0a1b2c3d4e5f

now: the previous image is running; deploy a fixed one with 'impctl boot deploy', or try this one again with 'impctl boot arm --force tank/ROOT/b'
";
    assert_eq!(text, wanted);
    let (json, _) = site.why(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["evidence"]["unit"]["name"], "nginx.service");
    assert_eq!(json["trial"]["culprit"], "image");
}

#[test]
fn a_dead_init_is_told_from_the_kernels_last_words() {
    let site = Site::new();
    site.write("sys/fs/pstore/dmesg-efi-170000000001001", PANIC);
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    let words = "its kernel panicked before userspace (kernel, initramfs, /sbin/init): \
        Attempted to kill init! exitcode=0x00000100 (PID 1, /sbin/init, ended)";
    assert_eq!(found.proof().as_deref(), Some(words));
    site.ended(End::Failed, Some(Culprit::Image), words);
    assert_eq!(
        site.sentence().0,
        format!("tank/ROOT/b was tried and rejected: {words}. Cause: the image.")
    );
    let (text, _) = site.why(&[]);
    assert!(
        text.contains(
            "kernel log of the crash, sys/fs/pstore/dmesg-efi-170000000001001:\n  [    9.2] Kernel panic"
        ),
        "{text}"
    );
}

#[test]
fn a_dead_init_is_seen_in_the_image_when_the_kernel_left_no_word() {
    let site = Site::new();
    let image = tempfile::tempdir().unwrap();
    for dir in ["usr/sbin", "usr/lib/imp", "persistent/config", "persistent/data"] {
        fs::create_dir_all(image.path().join(dir)).unwrap();
    }
    let ours = image.path().join("usr/lib/imp/imp-boot");
    fs::write(&ours, "a program").unwrap();
    fs::set_permissions(&ours, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("usr/sbin", image.path().join("sbin")).unwrap();
    // As it is on Debian: followed within the image, where there is none, and not on this machine.
    std::os::unix::fs::symlink("/lib/systemd/systemd", image.path().join("usr/sbin/init")).unwrap();
    let found = evidence::post_mortem(&site.root, &attempt(), evidence::inspect(image.path(), &trial()));
    assert_eq!(
        found.proof().as_deref(),
        Some(
            "it stopped before userspace (kernel, initramfs, /sbin/init); in its image /sbin/init cannot be opened: \
            No such file or directory (os error 2)"
        )
    );
    let init = image.path().join("lib/systemd/systemd");
    fs::create_dir_all(init.parent().unwrap()).unwrap();
    fs::write(&init, "").unwrap();
    let found = evidence::post_mortem(
        &Site::new().root,
        &attempt(),
        evidence::inspect(image.path(), &trial()),
    );
    assert_eq!(found.findings, ["/sbin/init is empty"]);
}

#[test]
fn a_panic_after_the_first_steps_says_how_far_it_came() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    evidence::mark(&site.root, Phase::Config);
    site.reboot("99999999-2222-3333-4444-555555555555");
    // Two parts: the newer one is part 1, and the log begins in part 2.
    site.write(
        "sys/fs/pstore/dmesg-erst-2",
        "Panic#2 Part2\n<1>[   20.0] BUG: kernel NULL pointer dereference, address: 0\n",
    );
    site.write(
        "sys/fs/pstore/dmesg-erst-1",
        "Panic#2 Part1\n<0>[   20.1] Kernel panic - not syncing: Fatal exception\n",
    );
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.boot, Some(BOOT.parse::<BootId>().unwrap()));
    assert_eq!(
        found.proof().unwrap(),
        "its kernel panicked after the phase 'config': Fatal exception"
    );
    assert_eq!(
        found.reset.crashes[0].lines,
        [
            "[   20.0] BUG: kernel NULL pointer dereference, address: 0",
            "[   20.1] Kernel panic - not syncing: Fatal exception"
        ]
    );
}

/// That it went on with another configuration is not how it ended.
#[test]
fn a_panic_with_the_other_configuration_is_told_with_what_was_said_before() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    let said = Evidence {
        unit: Some(failed_unit("nginx.service", "exited with status 1")),
        ..of_trial(Ending::OtherConfig, "bgp 192.0.2.1: observed Active")
    };
    evidence::write(&site.root, &said).unwrap();
    evidence::mark(&site.root, Phase::Assess);
    site.reboot("99999999-2222-3333-4444-555555555555");
    site.write("sys/fs/pstore/dmesg-efi-170000000001001", PANIC);
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!((found.ending, found.phase()), (Ending::Died, Some(Phase::Assess)));
    assert_eq!(found.unit.as_ref().unwrap().name, "nginx.service");
    let words = "its kernel panicked after the phase 'assess': Attempted to kill init! exitcode=0x00000100 \
        (PID 1, /sbin/init, ended); it was not healthy before: bgp 192.0.2.1: observed Active";
    assert_eq!(found.proof().as_deref(), Some(words));
    // A second look finds the same, although the kernel's words are moved by then.
    let _ = file::remove(&site.path("sys")).unwrap();
    let again = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(again.proof().as_deref(), Some(words));
    site.ended(End::Failed, Some(Culprit::Image), words);
    assert_eq!(
        site.sentence().0,
        format!("tank/ROOT/b was tried and rejected: {words}. Cause: the image.")
    );
}

/// As an image with an older version of this program left it.
#[test]
fn the_configuration_is_not_to_blame_for_a_trial_that_failed_with_another_one() {
    let site = Site::new();
    evidence::write(&site.root, &of_trial(Ending::OtherConfig, "bgp")).unwrap();
    site.ended(End::Failed, Some(Culprit::Image), "bgp");
    let (sentence, _) = site.sentence();
    assert!(sentence.ends_with("Cause: the image."), "{sentence}");
    site.ended(End::Blessed, Some(Culprit::Configuration), "healthy");
    let (sentence, _) = site.sentence();
    assert!(sentence.ends_with("Cause: the configuration."), "{sentence}");
}

/// The power may have been cut: that its own configuration was not healthy speaks against no image.
#[test]
fn a_trial_that_vanished_with_the_other_configuration_proves_nothing() {
    let site = Site::new();
    evidence::write(&site.root, &of_trial(Ending::OtherConfig, "bgp")).unwrap();
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!((found.ending, found.proof()), (Ending::Died, None));
}

#[test]
fn emergency_mode_names_the_unit_that_led_there() {
    let found = Evidence {
        unit: Some(failed_unit("srv.mount", "")),
        ..of_trial(Ending::Emergency, "")
    };
    let site = Site::new();
    evidence::write(&site.root, &found).unwrap();
    assert_eq!(
        site.sentence().0,
        "tank/ROOT/b was being tried: it ended in emergency mode: srv.mount failed (exit-code)."
    );
    // The boot after it finds what the trial said itself.
    assert_eq!(
        evidence::post_mortem(&site.root, &attempt(), Seen::default()).ending,
        Ending::Emergency
    );
}

#[test]
fn what_emergency_mode_could_only_write_into_its_own_image_is_found_there() {
    let (site, image) = (Site::new(), Site::new());
    let found = Evidence {
        unit: Some(failed_unit("persistent.mount", "")),
        ..of_trial(Ending::Emergency, "")
    };
    evidence::write(&image.root, &found).unwrap();
    let found = evidence::post_mortem(
        &site.root,
        &attempt(),
        evidence::inspect(image.dir.path(), &trial()),
    );
    assert_eq!(found.unit.unwrap().name, "persistent.mount");
    assert!(
        site.path("persistent/data/imp/evidence/0a1b2c3d4e5f/evidence.json")
            .exists()
    );
}

#[test]
fn a_boot_that_hung_names_the_watchdog_and_the_last_phase() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    site.reboot("99999999-2222-3333-4444-555555555555");
    site.write("sys/class/watchdog/watchdog0/bootstatus", "32\n");
    site.write("sys/class/watchdog/watchdog0/identity", "iTCO_wdt\n");
    site.write("sys/class/watchdog/watchdog1/bootstatus", "0\n");
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    let words = "it hung after the phase 'userspace': watchdog0 (iTCO_wdt) reset the machine";
    assert_eq!(found.proof().as_deref(), Some(words));
}

/// A power cut is nobody's fault: nothing speaks against the image.
#[test]
fn a_boot_that_ended_without_a_word_proves_nothing() {
    let site = Site::new();
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.proof(), None);
    assert_eq!(
        found.what(),
        "it stopped before userspace (kernel, initramfs, /sbin/init) without a trace: a hang, a reset or a power cut"
    );
}

#[test]
fn an_orderly_shutdown_is_not_a_hang() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    evidence::mark(&site.root, Phase::Shutdown);
    site.reboot("99999999-2222-3333-4444-555555555555");
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.what(), "it was shut down cleanly before it had a verdict");
    assert_eq!(found.proof(), None);
}

#[test]
fn a_trial_without_a_verdict_names_what_it_waited_for() {
    let found = Evidence {
        unfinished: vec!["start slow.service".to_owned()],
        ..of_trial(Ending::Deadline, "")
    };
    assert_eq!(
        found.what(),
        "it reached no verdict in time: still waiting for start slow.service"
    );
}

#[test]
fn a_trial_that_nothing_tried_says_so_without_evidence() {
    let site = Site::new();
    site.ended(End::NotAttempted, None, "its token was not used");
    let (sentence, now) = site.sentence();
    assert_eq!(sentence, "tank/ROOT/b was not attempted: its token was not used.");
    assert!(now.contains("impctl boot arm --explain"), "{now}");
}

#[test]
fn a_drill_that_passed_is_not_a_failed_boot() {
    let site = Site::new();
    site.ended(End::DrillPassed, None, "the previous image came back by itself");
    assert_eq!(site.why(&[]), (String::new(), 1));
    // One that passed although it was not healthy has evidence; its copy is gone.
    evidence::write(&site.root, &of_trial(Ending::Verdict, "units")).unwrap();
    let (_, now) = site.sentence();
    assert!(!now.contains("arm"), "{now}");
}

#[test]
fn a_drill_that_comes_back_leaves_nothing_to_explain() {
    let site = Site::new();
    let mut drill = record(Class::Trial, Some(Verdict::GivenUp("a drill".to_owned())));
    drill.trial = Some(open_trial(true));
    evidence::collect(&site.root, &drill, Class::Trial, None);
    assert!(evidence::read_newest(&site.root).unwrap().is_none());
    // But one that was not healthy does.
    drill.outcomes = vec![outcome("units", CheckState::Failed, "a.service")];
    evidence::collect(&site.root, &drill, Class::Trial, None);
    assert_eq!(
        evidence::read_newest(&site.root).unwrap().unwrap().1.trial,
        Some(trial())
    );
}
