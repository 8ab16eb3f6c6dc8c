package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.doctor.Examination;
import io.github.peft4j.cli.internal.doctor.Finding;
import io.github.peft4j.cli.internal.doctor.Machine;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Says what this machine can run, and what is missing. */
@Command(
        name = "doctor",
        description = "Says what this machine can run and what it lacks: Java, engine, memory, disks, GPU.",
        customSynopsis = "peft4j doctor [options]",
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  peft4j doctor",
            "",
            "Exit code 0 if all that training on the CPU needs is there, 1 if not.",
            "",
            "JSON, one line per thing: what, found, ok, advice."
        })
public final class DoctorCommand extends Subcommand {

    @Override
    public int run(Session session) {
        Path hub = session.hubs().huggingFaceCache();
        return Examination.run(Machine.here(), hub, finding -> print(session, finding))
                ? ExitCode.DONE
                : ExitCode.FAILED;
    }

    private static void print(Session session, Finding finding) {
        if (session.json()) {
            session.console()
                    .out()
                    .println(Fields.of("what", finding.what())
                            .and("found", finding.found())
                            .and("ok", finding.ok())
                            .and("advice", finding.advice())
                            .json());
            return;
        }
        String advice = finding.advice() == null ? "" : "; " + finding.advice();
        String mark = finding.ok() ? "ok" : finding.needed() ? "MISSING" : "note";
        session.console()
                .out()
                .printf(Locale.ROOT, "%-7s  %-15s  %s%s%n", mark, finding.what(), finding.found(), advice);
    }
}
