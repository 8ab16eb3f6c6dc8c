package io.github.peft4j.cli.internal.push;

import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.core.internal.publish.PublishedFolder;
import io.github.peft4j.models.hub.internal.http.HubClient;
import io.github.peft4j.models.hub.push.internal.HubPush;
import io.github.peft4j.models.hub.push.internal.PushTarget;
import io.github.peft4j.models.hub.push.internal.PushedFile;
import io.github.peft4j.models.hub.push.internal.UsualTransfer;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Puts an adapter or a checkpoint on the hub. */
@Command(
        name = "push",
        customSynopsis = "peft4j push DIR OWNER/NAME [options]",
        description = "Puts an adapter or a checkpoint with its card on Hugging Face's hub, for yourself alone unless"
                + " you say otherwise.",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j push my-adapter me/my-adapter --dry-run",
            "  peft4j push my-adapter me/my-adapter --base-model HuggingFaceTB/SmolLM2-135M",
            "  peft4j push merged me/my-model --public --message \"First version\"",
            "",
            "The token is taken from HF_TOKEN, or from where \"hf auth login\" has put it; it must be one that may write."
                    + " A push that broke off goes on when it is begun again: what has arrived is not sent twice.",
            "",
            "JSON: path, files (how many were committed; 0 if the hub had them all), bytes (of large files that were"
                    + " sent), url, commit. With --dry-run, one line per file before: file, bytes, transfer (lfs or"
                    + " regular); then the last line counts all files, and commit is null."
        })
public final class PushCommand extends Subcommand {

    @Parameters(index = "0", paramLabel = "DIR", arity = "0..1", description = "The adapter's or checkpoint's folder.")
    private @Nullable Path folder;

    @Parameters(
            index = "1",
            paramLabel = "OWNER/NAME",
            arity = "0..1",
            description = "The repository, made if need be.")
    private @Nullable String id;

    private final PushOptions.Files files = sections.add("What is pushed", new PushOptions.Files());
    private final PushOptions.Repository repository = sections.add("Where it goes", new PushOptions.Repository());

    @Override
    public int run(Session session) throws IOException {
        Given.Needed<Path> from = new Given.Needed<>(folder, "DIR", "an adapter or checkpoint folder");
        Given.Needed<String> to = new Given.Needed<>(id, "OWNER/NAME", "a repository on the hub");
        Given.all(from, to);
        PushTarget target = repository.target(to.required());
        Path given = from.required();
        if (!Files.isDirectory(given)) {
            throw new BadInput("no folder at " + given + ": expected that of an adapter or a checkpoint, "
                    + (Files.exists(given) ? "found a file" : "there is nothing"));
        }
        PublishedFolder published = PublishedFolder.of(given.toAbsolutePath().normalize(), files.choice(title(target)));
        tell(session.console(), published);
        if (repository.dryRun) {
            list(session, given, published, target);
            return ExitCode.DONE;
        }
        HubClient client = client(session);
        try (Interruption.Guard guard = session.interruption().guard()) {
            push(session, given, published, target, client);
        } catch (InterruptedIOException e) {
            session.interruption().check();
            throw e;
        }
        return ExitCode.DONE;
    }

    /** The repository's name without its owner's. */
    private static String title(PushTarget target) {
        return target.id().replaceFirst(".*/", "");
    }

    private static HubClient hub(Session session) throws IOException {
        return session.hubs().huggingFace(session.hubs().patience());
    }

    /** Nothing is read of the hub before it is known that it may be written to. */
    private static HubClient client(Session session) throws IOException {
        if (session.offline() || session.hubs().offline()) {
            throw new BadInput("no hub may be asked, as --offline, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE say:"
                    + " do without it to push, or see with --dry-run what would go");
        }
        HubClient client = hub(session);
        if (!client.hasToken()) {
            throw new BadInput("there is no token for " + client.endpoint()
                    + ": make one that may write in the settings of your account there, and set HF_TOKEN to it");
        }
        return client;
    }

    /** What stays here, and what others will not find. */
    private static void tell(Console console, PublishedFolder published) {
        Map<String, StringBuilder> byReason = new TreeMap<>();
        published.leftOut().forEach((path, reason) -> {
            StringBuilder paths = byReason.computeIfAbsent(reason, key -> new StringBuilder());
            paths.append(paths.length() == 0 ? "" : ", ").append(path);
        });
        byReason.forEach((reason, paths) -> console.note("left out (" + reason + "): " + paths));
        if (published.here() != null) {
            console.note("warning: the adapter names its base model \"" + published.here()
                    + "\", a folder that nobody else has: --base-model OWNER/NAME says what it is called on the hub");
        }
    }

    private static void list(Session session, Path folder, PublishedFolder published, PushTarget target)
            throws IOException {
        session.console().begin();
        int width = published.files().stream()
                .mapToInt(file -> file.path().length())
                .max()
                .orElse(0);
        for (PushedFile file : published.files()) {
            String transfer = UsualTransfer.of(file);
            if (session.json()) {
                session.print(
                        Fields.of("file", file.path()).and("bytes", file.size()).and("transfer", transfer));
            } else {
                String row = "%-" + width + "s  %,15d  %s%n";
                session.console().out().printf(Locale.ROOT, row, Printable.message(file.path()), file.size(), transfer);
            }
        }
        session.print(Fields.of("path", folder.toString())
                .and("files", published.files().size())
                .and("bytes", published.bytes())
                .and("url", hub(session).endpoint() + target.page())
                .and("commit", null));
    }

    private void push(Session session, Path folder, PublishedFolder published, PushTarget target, HubClient client)
            throws IOException {
        HubPush push = new HubPush(client, target);
        Console console = session.console();
        String card = published.card();
        List<String> warnings = card == null ? List.of() : push.check(card);
        boolean open = push.make(repository.open);
        if (open && !repository.open) {
            throw new BadInput(target.id() + " is there already, and everybody can see it: give --public to push to it,"
                    + " or another name");
        }
        console.begin();
        warnings.forEach(warning -> console.note("warning: README.md: " + warning));
        if (repository.open && !open) {
            console.note(target.id() + " is there already, and stays private");
        }
        HubPush.Pushed pushed =
                push.send(published.files(), repository.messageOr(title(target)), session.progress("uploading"));
        if (!pushed.ignored().isEmpty()) {
            console.note("warning: the repository's .gitignore leaves out " + String.join(", ", pushed.ignored()));
        }
        if (pushed.committed() == 0) {
            console.note("the hub has all of it already: nothing to commit");
        }
        session.print(Fields.of("path", folder.toString())
                .and("files", pushed.committed())
                .and("bytes", pushed.uploaded())
                .and("url", pushed.pullRequest() == null ? client.endpoint() + target.page() : pushed.pullRequest())
                .and("commit", pushed.commit()));
    }
}
