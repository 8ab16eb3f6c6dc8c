package io.github.peft4j.core;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.held.AdapterFiles;
import io.github.peft4j.core.internal.held.AdapterModules;
import io.github.peft4j.core.internal.held.Combining;
import io.github.peft4j.core.internal.held.HeldAdapter;
import io.github.peft4j.core.internal.held.HeldAdapters;
import io.github.peft4j.core.internal.held.NewAdapters;
import io.github.peft4j.core.internal.held.RowAdapters;
import io.github.peft4j.core.internal.held.StatusReport;
import io.github.peft4j.core.internal.held.Trainability;
import io.github.peft4j.core.internal.store.MergedCheckpoint;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.nn.RowSelection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

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

    private final M model;
    private final HeldAdapters adapters;
    private final NewAdapters arriving;
    private final Combining combining;

    private PeftModel(M model, PeftMethods methods) {
        this.model = model;
        this.adapters = new HeldAdapters(model);
        this.arriving = new NewAdapters(model, methods, adapters);
        this.combining = new Combining(methods, adapters, arriving);
        model.freeze();
        model.setTextFolder(() -> Optional.ofNullable(adapters.tokenizer()));
    }

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
        PeftModel<M> peft = of(base, methods);
        peft.arriving.addTrainable(config, context);
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
     * {@link #load(Model, Path)} of a folder or a hub id, which is found as {@link io.github.peft4j.models.pretrained.Models#load(String)} does.
     */
    public static <M extends Model<?>> PeftModel<M> load(M base, String name) throws IOException {
        return load(base, ModelLocation.ofAdapter(name).folder());
    }

    /** {@link #load(Model, Path)} with other methods than those on the class path. */
    public static <M extends Model<?>> PeftModel<M> load(M base, Path directory, PeftMethods methods)
            throws IOException {
        PeftModel<M> peft = of(base, methods);
        peft.load(directory, AttachContext.DEFAULT_NAME);
        return peft;
    }

    /** A model without adapters, frozen; {@link #load(Path, String)} and {@link #add} put some on it, by these methods. */
    public static <M extends Model<?>> PeftModel<M> of(M base, PeftMethods methods) {
        return new PeftModel<>(base, methods);
    }

    /** A model with every adapter that {@link #save} wrote to a folder, frozen, under their names; the first is active. */
    public static <M extends Model<?>> PeftModel<M> loadAll(M base, Path directory) throws IOException {
        PeftModel<M> peft = of(base, PeftMethods.discovered());
        peft.loadAll(directory);
        return peft;
    }

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
     * @throws IOException as {@link #load(Model, Path)}; the model is then as before
     */
    public void load(Path directory, String name) throws IOException {
        arriving.load(directory, name);
    }

    /**
     * Adds every adapter that {@link #save} wrote to a folder, under their names.
     *
     * @throws IOException as {@link #load(Model, Path)}, or if there is none; the model then has none of them
     */
    public void loadAll(Path directory) throws IOException {
        arriving.loadAll(directory);
    }

    /**
     * Adds an adapter that several others make up ({@link Combinable}), each with a weight; frozen, and not active. They stay as they are.
     *
     * @param weights by adapter; the model's order counts, not the map's
     * @throws IllegalArgumentException if the name is taken, an adapter does not exist, or they do not go together
     * @throws UnsupportedOperationException if the adapters' method has no such combination
     */
    public void combine(String name, Map<String, Double> weights, Combination how) {
        combining.combine(name, weights, how);
    }

    /**
     * Exchanges an adapter's values for those of a saved one while it stays where it is: faster than taking one out and another in, and
     * it stays active and trainable as it was. Its config stays too: what another scale changes goes into the values.
     *
     * @throws IllegalArgumentException if there is no adapter of this name
     * @throws IllegalStateException if it is merged
     * @throws UnsupportedOperationException if its method cannot do this
     * @throws IOException as {@link #load(Model, Path)}; nothing is changed then
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
        return AdapterModules.byName(adapters);
    }

    /**
     * An adapter by name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Adapter adapter(String name) {
        return adapters.get(name).adapter();
    }

    /** The only adapter, or as {@link #adapter(String)} the one named {@code default}. */
    public Adapter adapter() {
        List<HeldAdapter> all = adapters.all();
        return all.size() == 1 ? all.get(0).adapter() : adapter(AttachContext.DEFAULT_NAME);
    }

    /** Names of the active adapters. */
    public List<String> active() {
        return adapters.active().stream().map(HeldAdapter::name).toList();
    }

    /**
     * Makes exactly these adapters active. Merged ones are taken out of the weights first.
     *
     * @throws IllegalArgumentException if one does not exist, or two of them put copies in the place of the same layer, or take
     *     something else for themselves alone, or adapt token tables of two sizes; nothing is changed then
     */
    public void setActive(String name, String... others) {
        adapters.setActive(list(name, others));
    }

    /** Makes no adapter active: the model computes what the base model does. Merged ones are taken out of the weights first. */
    public void deactivate() {
        adapters.setActive(List.of());
    }

    private static List<String> list(String first, String... others) {
        return Stream.concat(Stream.of(first), Stream.of(others)).toList();
    }

    /**
     * Makes exactly these adapters' parameters trainable, and no other weight of the model.
     *
     * @throws IllegalArgumentException if one does not exist; nothing is changed then
     * @throws IllegalStateException if one is merged into the weights, or has nothing to train; nothing is changed then
     */
    public void setTrainable(String... names) {
        new Trainability(model, adapters).set(List.of(names));
    }

    /**
     * Lets each row of a batch use an adapter of its own, whichever are active: to be given to {@link
     * io.github.peft4j.models.ModelInput#selecting} or to a generator. Good until one of these adapters goes.
     *
     * @param names one per row; {@link #BASE} for none
     * @throws IllegalArgumentException if one does not exist
     * @throws IllegalStateException if an adapter is merged into the weights
     * @throws UnsupportedOperationException if one of them, or one that is active, does not go {@link ModelStatus.OfAdapter#byRows by rows}
     */
    public RowSelection selectRows(List<String> names) {
        return RowAdapters.select(model, adapters, names);
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

    /**
     * Merges all active adapters into the weights, and tells what changed; those merged already stay so.
     *
     * @throws UnsupportedOperationException if one of them cannot be merged; nothing is changed then
     * @throws IllegalStateException if a merged weight would not be finite; nothing is changed then
     */
    public WeightChange mergeActive() {
        return adapters.merge();
    }

    /**
     * Makes exactly these adapters active and merges them into the weights, as {@link #setActive} and {@link #mergeActive}. Others that were
     * merged before are taken out again.
     */
    public WeightChange merge(String name, String... others) {
        return adapters.merge(list(name, others));
    }

    /** Takes all merged adapters out of the weights again, the last merged first. */
    public void unmerge() {
        adapters.unmerge();
    }

    /**
     * Writes the model with its active adapters merged as an ordinary checkpoint, with the base model's config and the tokenizer in use; this
     * model stays as it is.
     *
     * @return how its weights differ from the base model's
     * @throws UnsupportedOperationException if an active adapter cannot be merged
     * @throws IllegalStateException if the model was not loaded from a folder, or a merged weight would not be finite
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if a run of another process writes into the folder
     * @throws IOException if the folder is the base model's or an adapter's, or writing fails; it is then as it was
     */
    public WeightChange saveMerged(Path folder) throws IOException {
        return saveMerged(folder, ShardedWriter.DEFAULT_SHARD_BYTES);
    }

    /** {@link #saveMerged(Path)} with files of weights of a given size at most, in bytes. */
    public WeightChange saveMerged(Path folder, long shardBytes) throws IOException {
        MergedCheckpoint.requireWritable(model, folder, adapters.tokenizer());
        return adapters.merging(change -> {
            MergedCheckpoint.write(model, folder, adapters.tokenizer(), shardBytes);
            return change;
        });
    }

    /** Counts parameters as Hugging Face PEFT prints them: copies that adapters train count besides what they are copies of. */
    public ModelStatus.Parameters parameterReport() {
        return status().parameters();
    }

    /** What the adapters are, what they do and where they sit; as a text, for people to read. */
    public ModelStatus status() {
        return StatusReport.of(model, adapters);
    }

    /**
     * Saves the adapters as Hugging Face PEFT lays them out: {@code default} in the folder itself, others in folders of their names, each with
     * its tokenizer if it has one of its own.
     *
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if a run of another process writes into the folder
     * @throws IOException if writing fails; each adapter's files are then as they were or complete
     */
    public void save(Path directory) throws IOException {
        new AdapterFiles(model, adapters).write(directory);
    }

    /** Says where an adapter's tokenizer lies, as {@link #load} does: it is in use while the adapter is active, and saved with it. */
    public void setTokenizer(String name, Path folder) {
        adapters.setTokenizer(name, folder);
    }

    /** {@link #save(Path)} of some of the adapters, all of which there must be; otherwise nothing is written. */
    public void save(Path directory, Collection<String> names) throws IOException {
        new AdapterFiles(model, adapters).write(directory, names);
    }
}
