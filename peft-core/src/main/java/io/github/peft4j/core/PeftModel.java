package io.github.peft4j.core;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.held.AdapterFiles;
import io.github.peft4j.core.internal.held.Combining;
import io.github.peft4j.core.internal.held.HeldAdapter;
import io.github.peft4j.core.internal.held.HeldAdapters;
import io.github.peft4j.core.internal.held.NewAdapters;
import io.github.peft4j.core.internal.held.OtherVocabulary;
import io.github.peft4j.core.internal.held.ParameterCount;
import io.github.peft4j.core.internal.held.RowAdapters;
import io.github.peft4j.core.internal.held.StatusReport;
import io.github.peft4j.core.internal.store.MergedCheckpoint;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.SavedAdapter;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.core.report.AdapterStatus;
import io.github.peft4j.core.report.LayerStatus;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.core.report.ParameterReport;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.internal.RowSelection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A base model with named adapters. The base is frozen; of the adapters some are active, and what is trained is theirs alone.
 *
 * <p>The adapters sit in the base model itself: {@link #model} computes with the active ones. The first adapter is active at once, later
 * ones when {@link #setActive} says so; adding one changes nothing for the others. Closing the base model frees everything.
 *
 * <p>Safe for concurrent use, while other threads compute with the model: a change of adapters waits for passes under way, and for texts
 * that are being generated with what it changes; they finish with the adapters they began with. An adapter that is added beside others waits
 * for no text, nor does one that is taken out and that no text uses. A thread cannot change adapters in the midst of a pass or a text of its
 * own, in a listener for example, and gets an {@link IllegalStateException}; so does everything on a model that is closed.
 */
public final class PeftModel<M extends Model<?>> {

    /** The name that stands for no adapter in {@link #selectRows}; Hugging Face's. */
    public static final String BASE = RowAdapters.BASE;

    private static final Logger LOG = LoggerFactory.getLogger(PeftModel.class);

    private final M model;
    private final HeldAdapters adapters;
    private final NewAdapters arriving;
    private final Combining combining;

    private PeftModel(M model, PeftMethods methods) {
        this.model = model;
        this.adapters = new HeldAdapters(model);
        this.arriving = new NewAdapters(model, methods, adapters);
        this.combining = new Combining(methods, adapters, arriving);
        if (model.modulesByPath().values().stream().anyMatch(Wrapper.class::isInstance)) {
            LOG.warn(
                    "You are trying to modify a model with PEFT for a second time. If you want to reload the model with a"
                            + " different config, make sure to remove the adapters before; to use several, add them to one PeftModel.");
        }
        model.freeze();
        model.setTextFolder(adapters::tokenizer);
    }

    // ---- making one

    /** A model with one new trainable adapter named {@code default}, with random initial values of {@link AttachContext#DEFAULT_SEED}. */
    public static <M extends Model<?>> PeftModel<M> attach(M base, PeftConfig config) {
        return attach(base, config, AttachContext.of(AttachContext.DEFAULT_SEED));
    }

    /**
     * A model with one new trainable adapter.
     *
     * @throws IllegalArgumentException if the config does not fit the model, which is then as before but frozen
     * @throws IllegalStateException if there is nothing to train; the model is then as before but frozen
     */
    public static <M extends Model<?>> PeftModel<M> attach(M base, PeftConfig config, AttachContext context) {
        return attach(base, config, context, PeftMethods.discovered());
    }

    /** {@link #attach(Model, PeftConfig, AttachContext)} with other methods than those on the class path. */
    public static <M extends Model<?>> PeftModel<M> attach(
            M base, PeftConfig config, AttachContext context, PeftMethods methods) {
        PeftModel<M> peft = new PeftModel<>(base, methods);
        peft.add(config, context);
        boolean complete = false;
        try {
            peft.setTrainable(context.adapterName());
            complete = true;
        } finally {
            if (!complete) {
                peft.unload();
            }
        }
        return peft;
    }

    /**
     * A model with a saved adapter, frozen; {@link #setTrainable} to go on training it.
     *
     * @param directory an adapter folder as Hugging Face PEFT saves it
     * @throws IOException if files are missing or damaged, or the adapter does not fit the model: all that differs in one message
     */
    public static <M extends Model<?>> PeftModel<M> load(M base, Path directory) throws IOException {
        return load(base, directory, PeftMethods.discovered());
    }

    /**
     * {@link #load(Model, Path)} of a folder or a hub id, looked up in the local cache; nothing is downloaded.
     *
     * @param name a path, {@code OWNER/NAME} or {@code OWNER/NAME@REVISION}; a folder comes before the hub
     * @throws io.github.peft4j.models.hub.HubException if there is neither
     * @throws IOException as {@link #load(Model, Path)}
     */
    public static <M extends Model<?>> PeftModel<M> load(M base, String name) throws IOException {
        return load(base, ModelLocation.ofAdapter(name).folder());
    }

    /** {@link #load(Model, Path)} with other methods than those on the class path. */
    public static <M extends Model<?>> PeftModel<M> load(M base, Path directory, PeftMethods methods)
            throws IOException {
        PeftModel<M> peft = new PeftModel<>(base, methods);
        peft.load(directory, AttachContext.DEFAULT_NAME);
        return peft;
    }

    /** {@link #load(Model, Path, PeftMethods)} under a name of its own. */
    public static <M extends Model<?>> PeftModel<M> load(M base, Path directory, String name, PeftMethods methods)
            throws IOException {
        PeftModel<M> peft = new PeftModel<>(base, methods);
        peft.load(directory, name);
        return peft;
    }

    /** {@link #loadAll(Model, Path, PeftMethods)} with the methods on the class path. */
    public static <M extends Model<?>> PeftModel<M> loadAll(M base, Path directory) throws IOException {
        return loadAll(base, directory, PeftMethods.discovered());
    }

    /**
     * A model with every adapter that {@link #save} wrote to a folder, frozen, under their names; the first is active.
     *
     * @throws IOException as {@link #load(Model, Path)}, or if there is none; the model then has none of them
     */
    public static <M extends Model<?>> PeftModel<M> loadAll(M base, Path directory, PeftMethods methods)
            throws IOException {
        PeftModel<M> peft = new PeftModel<>(base, methods);
        peft.arriving.loadAll(directory);
        return peft;
    }

    // ---- adapters

    /**
     * Adds a new adapter beside those there are; frozen, and active if it is the only one.
     *
     * @throws IllegalArgumentException if the name is taken or the config does not fit the model
     */
    public void add(PeftConfig config, AttachContext context) {
        arriving.add(config, context);
    }

    /**
     * Adds a saved adapter beside those there are; frozen, and active if it is the only one.
     *
     * @param directory the adapter's own folder
     * @throws IllegalArgumentException if the name is taken
     * @throws IOException if files are missing or damaged, or the adapter does not fit the model: all that differs in one message; the
     *     model is then as before
     */
    public void load(Path directory, String name) throws IOException {
        arriving.load(directory, name);
    }

    /**
     * Adds an adapter that several others make up, each with a weight; frozen, and not active. They stay as they are.
     *
     * @param name of the new adapter
     * @param weights by adapter; the model's order counts, not the map's
     * @param how they are combined; see {@link Combinable}
     * @throws IllegalArgumentException if the name is taken, an adapter does not exist, or they do not go together: other methods, copies
     *     of the same layer
     * @throws UnsupportedOperationException if the adapters' method has no such combination
     */
    public void combine(String name, Map<String, Double> weights, Combination how) {
        combining.combine(name, weights, how);
    }

    /**
     * Exchanges an adapter's values for those of a saved one while it stays where it is: faster than taking one out and another in, and
     * it stays active and trainable as it was. Its config stays too: what another scale changes goes into the values.
     *
     * @param directory the saved adapter's folder
     * @throws IllegalArgumentException if there is no adapter of this name
     * @throws IllegalStateException if it is merged
     * @throws UnsupportedOperationException if its method cannot do this
     * @throws IOException if files are missing or damaged, or the adapter does not fit; nothing is changed then
     */
    public void swap(Path directory, String name) throws IOException {
        arriving.swap(directory, name);
    }

    /** The model that computes with the active adapters. */
    public M model() {
        return model;
    }

    /** Names of the adapters in the order they were added. */
    public List<String> names() {
        return adapters.names();
    }

    /** The adapters by name in the order they were added, as they are at one moment: another thread may take one out meanwhile. */
    public Map<String, Adapter> adapters() {
        Map<String, Adapter> byName = new LinkedHashMap<>();
        adapters.all().forEach(held -> byName.put(held.name(), held.adapter()));
        return Collections.unmodifiableMap(byName);
    }

    /**
     * An adapter by name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Adapter adapter(String name) {
        return adapters.get(name).adapter();
    }

    /**
     * The only adapter, or the one named {@code default}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Adapter adapter() {
        List<HeldAdapter> all = adapters.all();
        return all.size() == 1 ? all.get(0).adapter() : adapter(AttachContext.DEFAULT_NAME);
    }

    /**
     * How many tokens the model has with an adapter: the checkpoint's number, unless the adapter came with tables of another vocabulary, which
     * are the model's while it is active.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public int vocabSize(String name) {
        OtherVocabulary own = adapters.get(name).carried().vocabulary();
        return own == null ? model.config().vocabSize() : own.tokens();
    }

    /** Names of the active adapters. */
    public List<String> active() {
        return adapters.active().stream().map(HeldAdapter::name).toList();
    }

    /**
     * Makes exactly these adapters active; none for the base model's own output. Merged ones are taken out of the weights first.
     *
     * @throws IllegalArgumentException if one does not exist, or two of them put copies in the place of the same layer, or take
     *     something else for themselves alone, or adapt token tables of two sizes; nothing is changed then
     */
    public void setActive(String... names) {
        adapters.setActive(List.of(names));
    }

    /**
     * Makes exactly these adapters' parameters trainable, and no other weight of the model.
     *
     * @throws IllegalArgumentException if one does not exist; nothing is changed then
     * @throws IllegalStateException if one is merged into the weights, or has nothing to train; nothing is changed then
     */
    public void setTrainable(String... names) {
        for (String name : names) {
            adapters.get(name);
        }
        try (Lease change = model.leases().change()) {
            for (String name : names) {
                requireTrainable(adapters.get(name));
            }
            model.freeze();
            adapters.all().forEach(HeldAdapter::freeze);
            for (String name : names) {
                adapter(name).trainable().values().forEach(weight -> weight.setTrainable(true));
            }
        }
    }

    private static void requireTrainable(HeldAdapter held) {
        if (held.isMerged()) {
            throw new IllegalStateException(
                    "adapter '" + held.name() + "' is merged into the weights; call unmerge() first");
        }
        if (held.adapter().trainable().isEmpty()) {
            throw new IllegalStateException("adapter '" + held.name() + "' has nothing to train");
        }
    }

    /**
     * Lets each row of a batch use an adapter of its own, whichever are active: to be given to {@link
     * io.github.peft4j.models.ModelInput#selecting} or to a generator. Good until one of these adapters goes.
     *
     * @param names one per row; {@link #BASE} for none
     * @throws IllegalArgumentException if one does not exist
     * @throws IllegalStateException if an adapter is merged into the weights
     * @throws UnsupportedOperationException if one of them, or one that is active, cannot apply to some rows only, as one that has a
     *     {@link #vocabSize(String) vocabulary} of its own
     */
    public RowSelection selectRows(List<String> names) {
        try (Lease pass = model.leases().pass()) {
            return RowAdapters.select(adapters, names);
        }
    }

    /**
     * Whether rows of a batch can choose an adapter while others choose another, or none: see {@link #selectRows}.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public boolean goesByRows(String name) {
        HeldAdapter held = adapters.get(name);
        return held.rowModules().isPresent() && held.carried().vocabulary() == null;
    }

    /** Runs something on the base model alone; afterwards the same adapters are active, and merged, as before. */
    public void withoutAdapters(Runnable action) {
        withoutAdapters(() -> {
            action.run();
            return Boolean.TRUE;
        });
    }

    /** Computes something on the base model alone; afterwards the same adapters are active, and merged, as before. */
    public <T> T withoutAdapters(Supplier<T> action) {
        return adapters.without(action);
    }

    /**
     * Takes an adapter out of the model. If it was the only active one, the first that is left becomes active.
     *
     * @throws IllegalArgumentException if it does not exist
     * @throws IllegalStateException if it is merged; nothing is changed then
     */
    public void delete(String name) {
        adapters.delete(name);
    }

    /** Takes all adapters out of the model, which is then the base model as it was, frozen. */
    public void unload() {
        adapters.deleteAll();
    }

    // ---- merging

    /**
     * Merges all active adapters into the weights; those merged already stay so.
     *
     * @return what changed
     * @throws UnsupportedOperationException if one of them cannot be merged; nothing is changed then
     * @throws IllegalStateException if a merged weight would not be finite; nothing is changed then
     */
    public WeightChange merge() {
        return adapters.merge();
    }

    /**
     * Makes exactly these adapters active and merges them into the weights. Adapters that were merged before and are not named are taken
     * out again.
     *
     * @return what changed
     * @throws IllegalArgumentException if one does not exist, or two of them put copies in the place of the same layer
     * @throws UnsupportedOperationException if one of them cannot be merged; nothing is changed then
     * @throws IllegalStateException if a merged weight would not be finite; nothing is changed then
     */
    public WeightChange merge(String... names) {
        return adapters.merge(List.of(names));
    }

    /** Takes all merged adapters out of the weights again, the last merged first. */
    public void unmerge() {
        adapters.unmerge();
    }

    /**
     * Writes the model with its active adapters merged as an ordinary checkpoint, with the base model's config and tokenizer; this
     * model stays as it is. If one of the adapters was saved with a tokenizer, that is the checkpoint's.
     *
     * @throws UnsupportedOperationException if an active adapter cannot be merged
     * @throws IllegalStateException if the model was not loaded from a folder, or a merged weight would not be finite
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if a run of another process writes into the folder
     * @throws IOException if the folder is the base model's or an adapter's, or writing fails; it is then as it was
     */
    public MergedCheckpoint saveMerged(Path folder) throws IOException {
        return saveMerged(folder, ShardedWriter.DEFAULT_SHARD_BYTES);
    }

    /** {@link #saveMerged(Path)} with files of weights of a given size at most, in bytes. */
    public MergedCheckpoint saveMerged(Path folder, long shardBytes) throws IOException {
        MergedCheckpoint.requireWritable(model, folder, adapters.tokenizer());
        return adapters.merging(
                change -> MergedCheckpoint.write(model, change, folder, adapters.tokenizer(), shardBytes));
    }

    // ---- reports and files

    /** Counts parameters as Hugging Face PEFT prints them: copies that adapters train count besides what they are copies of. */
    public ParameterReport parameterReport() {
        try (Lease pass = model.leases().pass()) {
            return ParameterCount.of(model, adapters.all());
        }
    }

    /**
     * How many tokens a model has with an adapter: its own number, unless the adapter's file brings tables of another.
     *
     * @throws CheckpointException if a header cannot be read, or a table claims to be larger than the file
     */
    public static int vocabSize(Model<?> model, SavedAdapter saved) throws CheckpointException {
        Integer tokens = OtherVocabulary.tokens(saved.weights(), model);
        return tokens == null ? model.config().vocabSize() : tokens;
    }

    /** What the adapters are and where they sit, in the order they were added. */
    public List<AdapterStatus> status() {
        try (Lease pass = model.leases().pass()) {
            return new StatusReport(model, adapters).ofAdapters();
        }
    }

    /** What adapters do to each layer, in the model's order: Hugging Face PEFT's {@code get_layer_status}. */
    public List<LayerStatus> layerStatus() {
        try (Lease pass = model.leases().pass()) {
            return new StatusReport(model, adapters).layers();
        }
    }

    /** What the adapters are doing: Hugging Face PEFT's {@code get_model_status}. */
    public ModelStatus modelStatus() {
        try (Lease pass = model.leases().pass()) {
            return new StatusReport(model, adapters).ofModel();
        }
    }

    /** {@link #status} for people to read. */
    public String describe() {
        List<AdapterStatus> all = status();
        return model.anatomy().className() + " with " + all.size()
                + (all.size() == 1 ? " adapter" : " adapters")
                + all.stream().map(status -> "\n" + status).collect(Collectors.joining());
    }

    /**
     * Saves the adapters as Hugging Face PEFT lays them out: {@code default} in the folder itself, others in folders of their names.
     *
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if a run of another process writes into the folder
     * @throws IOException if writing fails; each adapter's files are then as they were or complete
     */
    public void save(Path directory) throws IOException {
        new AdapterFiles(model, adapters).write(directory);
    }

    /**
     * Saves some of the adapters, as {@link #save(Path)}.
     *
     * @throws IllegalArgumentException if one does not exist; nothing is written then
     */
    public void save(Path directory, Collection<String> names) throws IOException {
        new AdapterFiles(model, adapters).write(directory, names);
    }
}
