package io.github.peft4j.cli.internal.hub;

import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.hub.internal.cache.CacheCheck;
import io.github.peft4j.models.hub.internal.cache.CacheContents;
import io.github.peft4j.models.hub.internal.cache.CacheRemoval;
import io.github.peft4j.models.hub.internal.cache.CachedRevision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists, checks and clears what hubs' caches have. */
@Command(
        name = "cache",
        customSynopsis = {"peft4j cache list", "peft4j cache verify [NAME...]", "peft4j cache remove NAME... [--yes]"},
        description =
                "Says what has been downloaded from hubs, by peft4j or by their Python clients, checks it, or removes it.",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j cache list",
            "  peft4j cache verify HuggingFaceTB/SmolLM2-135M",
            "  peft4j cache remove HuggingFaceTB/SmolLM2-135M@main --yes",
            "",
            "A NAME is one that list prints, with @REVISION for one revision: a commit or the beginning of one, a branch or a tag. Contents"
                    + " that other revisions need stay. verify reads every file and ends with 1 if one is damaged; ModelScope's cache"
                    + " has no hashes to compare with.",
            "",
            "JSON of list, a line per revision: name, type, revision, refs, files, bytes, path; of verify: name, revision, checked,"
                    + " unknown, damaged; of remove: name, path, files, bytes (that are free now)."
        })
public final class CacheCommand extends Subcommand {

    @Parameters(paramLabel = "ACTION", arity = "0..1", index = "0", description = "list, verify or remove.")
    private @Nullable String action;

    @Parameters(paramLabel = "NAME", arity = "0..*", index = "1..*", description = "Repositories, as list prints them.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--yes", description = "Remove without asking.")
    private boolean yes;

    @Override
    public int run(Session session) throws IOException {
        CacheContents caches = new CacheContents(
                session.hubs().huggingFaceCache(), session.hubs().modelScopeCache());
        List<CachedRevision> all = caches.all();
        return switch (action == null ? "" : action) {
            case "list" -> list(session, all);
            case "verify" -> verify(session, all);
            case "remove" -> remove(session, all);
            default ->
                throw new BadInput((action == null ? "missing ACTION" : "\"" + action + "\" is no action")
                        + ": expected list, verify or remove");
        };
    }

    private int list(Session session, List<CachedRevision> all) {
        for (CachedRevision each : chosen(all)) {
            Fields fields = Fields.of("name", each.name())
                    .and("type", each.repo().kind().word())
                    .and("revision", each.revision())
                    .and("refs", each.names())
                    .and("files", each.files().size())
                    .and("bytes", each.bytes())
                    .and("path", each.snapshot().toString());
            if (session.json()) {
                session.print(fields);
            } else {
                session.console()
                        .out()
                        .printf(
                                Locale.ROOT,
                                "%-7s  %-45s  %-12.12s  %5d files  %,15d bytes  %s%n",
                                each.repo().kind().word(),
                                each.name(),
                                each.revision(),
                                each.files().size(),
                                each.bytes(),
                                String.join(" ", each.names()));
            }
        }
        return ExitCode.DONE;
    }

    /** Those that were named, or all. */
    private List<CachedRevision> chosen(List<CachedRevision> all) {
        if (names.isEmpty()) {
            return all;
        }
        Set<CachedRevision> chosen = new LinkedHashSet<>();
        names.forEach(name -> chosen.addAll(removal(all, name).revisions()));
        return List.copyOf(chosen);
    }

    private static CacheRemoval removal(List<CachedRevision> all, String text) {
        HubName name = HubName.of(text);
        if (name != null) {
            String id = (name.where() == HubName.Where.MODELSCOPE ? "modelscope:" : "") + name.id();
            CacheRemoval removal = CacheRemoval.of(all, id, name.revision());
            if (!removal.revisions().isEmpty()) {
                return removal;
            }
        }
        throw new BadInput("the cache has no \"" + text + "\": peft4j cache list says what it has");
    }

    private int verify(Session session, List<CachedRevision> all) throws IOException {
        boolean damaged = false;
        CacheCheck check = new CacheCheck();
        try (Interruption.Guard guard = session.interruption().guard()) {
            for (CachedRevision each : chosen(all)) {
                session.interruption().check();
                CacheCheck.Result result = check.check(each);
                session.print(Fields.of("name", each.name())
                        .and("revision", each.revision())
                        .and("checked", result.checked())
                        .and("unknown", result.unknown())
                        .and("damaged", result.damaged()));
                damaged |= !result.damaged().isEmpty();
            }
        }
        if (damaged) {
            session.console()
                    .error(
                            "error: files of the cache are damaged: remove what they belong to (peft4j cache remove NAME) and download it again");
        }
        return damaged ? ExitCode.FAILED : ExitCode.DONE;
    }

    private int remove(Session session, List<CachedRevision> all) throws IOException {
        if (names.isEmpty()) {
            throw new BadInput("missing NAME: expected what is to be removed, as peft4j cache list prints it");
        }
        // All are known before one is removed; what two of them share, the last frees.
        names.forEach(name -> removal(all, name));
        List<CachedRevision> left = new ArrayList<>(all);
        for (String name : new LinkedHashSet<>(names)) {
            CacheRemoval removal = removal(left, name);
            if (!yes && !agreed(session.console(), name, removal)) {
                continue;
            }
            removal.run();
            left.removeAll(removal.revisions());
            session.print(Fields.of("name", name)
                    .and("path", removal.revisions().get(0).repository().toString())
                    .and("files", removal.contents().size())
                    .and("bytes", removal.bytes()));
        }
        return ExitCode.DONE;
    }

    private static boolean agreed(Console console, String name, CacheRemoval removal) throws IOException {
        console.err()
                .printf(
                        Locale.ROOT,
                        "remove %s: %d revisions, %,d bytes? [y/N] ",
                        name,
                        removal.revisions().size(),
                        removal.bytes());
        console.err().flush();
        String answer = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8)).readLine();
        if (answer == null) {
            throw new BadInput("nobody answers whether to remove " + name + ": give --yes");
        }
        return answer.strip().equalsIgnoreCase("y") || answer.strip().equalsIgnoreCase("yes");
    }
}
