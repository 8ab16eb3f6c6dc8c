package io.github.peft4j.cli.internal.hub;

import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.hub.internal.fetch.ChosenFiles;
import io.github.peft4j.models.hub.internal.fetch.DataFiles;
import io.github.peft4j.models.hub.internal.fetch.Fetch;
import io.github.peft4j.models.hub.internal.fetch.ModelFiles;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.fetch.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Downloads a model, an adapter or a data set, as it is on its hub now. */
@Command(
        name = "download",
        customSynopsis = "peft4j download NAME [options]",
        description =
                "Downloads a model, an adapter or a data set from a hub into the cache that it shares with the hub's Python client, or"
                        + " into a folder. What is there already is not downloaded again, and what broke off goes on.",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j download HuggingFaceTB/SmolLM2-135M",
            "  peft4j download tatsu-lab/alpaca --type dataset",
            "  peft4j download modelscope:Qwen/Qwen2.5-0.5B --output ./qwen",
            "  peft4j download owner/name --revision v1.0 --include '*.json'",
            "",
            "Of a model come the files that it is loaded from: configs, tokenizer, chat template, and its weights in one form; of a data"
                    + " set its rows. Gated and private repositories need a token: HF_TOKEN, or what hf auth login has left.",
            "",
            "JSON: path, files, bytes (of all that was asked for, downloaded now or before)."
        })
public final class DownloadCommand extends Subcommand {

    private static final String DATASET = "dataset";

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description =
                    "OWNER/NAME or OWNER/NAME@REVISION of Hugging Face, hf://datasets/OWNER/NAME, or modelscope:OWNER/NAME.")
    private @Nullable String name;

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "A branch, a tag or a commit. Default: the usual branch.")
    private @Nullable String revision;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "model (adapters, too) or dataset. Default: ${DEFAULT-VALUE}.")
    private String type = "model";

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description =
                    "Only files of such names, repeatable; * stands for any text, folders included: '*' is all there is. Default:"
                            + " what the model or data set is loaded from.")
    private List<String> include = new ArrayList<>();

    @Option(names = "--exclude", paramLabel = "GLOB", description = "No files of such names, repeatable.")
    private List<String> exclude = new ArrayList<>();

    @Option(names = "--output", paramLabel = "DIR", description = "A folder for the files, instead of the cache.")
    private @Nullable Path output;

    @Override
    public int run(Session session) throws IOException {
        HubName named = named();
        if (output != null && Files.exists(output) && !Files.isDirectory(output)) {
            throw new BadInput("--output " + output + ": expected a folder, found a file");
        }
        Repo.Kind kind = kind(named);
        Selection usual = kind == Repo.Kind.DATASET ? new DataFiles(named.path(), null) : ModelFiles.ofModel();
        Selection selection = new ChosenFiles(include, exclude, usual);
        session.console().begin();
        try (Interruption.Guard guard = session.interruption().guard()) {
            Fetch.Fetched fetched = session.hub().download(named, kind, selection, output);
            session.print(Fields.of("path", fetched.folder().toString())
                    .and("files", fetched.files().size())
                    .and("bytes", fetched.bytes()));
        }
        return ExitCode.DONE;
    }

    private HubName named() {
        String text = new Given.Needed<>(name, "NAME", "a repository on a hub, as OWNER/NAME").required();
        HubName named = HubName.of(text);
        if (named == null) {
            throw new BadInput("\"" + text
                    + "\" names no repository: expected OWNER/NAME, OWNER/NAME@REVISION or modelscope:OWNER/NAME");
        }
        if (revision == null) {
            return named;
        }
        if (named.revision() != null) {
            throw new BadInput("--revision " + revision + " and " + text + " name a revision each: leave one out");
        }
        HubName at = HubName.of(
                (named.where() == HubName.Where.MODELSCOPE ? "modelscope:" : "") + named.id() + "@" + revision);
        if (at == null) {
            throw new BadInput("--revision \"" + revision + "\" is no revision: expected a branch, a tag or a commit");
        }
        return named.at(revision);
    }

    private Repo.Kind kind(HubName named) {
        if (!type.equals("model") && !type.equals(DATASET)) {
            throw new BadInput("--type must be model or dataset, got " + type);
        }
        Repo.Kind told = type.equals(DATASET) ? Repo.Kind.DATASET : Repo.Kind.MODEL;
        return named.kind() == null ? told : named.kind();
    }
}
