"""What calls change: methods and functions that only look, that change their object, that set the process.

A table, not a theory: pandas, NumPy, scikit-learn, matplotlib and the standard library as their documentation has
them. A method in no table may change its object.
"""

import re


def words(text: str) -> frozenset[str]:
    """A table's words."""
    return frozenset(text.split())


# Methods that return something new and leave their object alone.
FRESH = words(
    """
    __contains__ __eq__ __len__ __repr__ __str__ abs absolute add_prefix add_suffix agg aggregate all any apply
    applymap argmax argmin argsort argwhere as_posix as_uri asfreq asof assign astimezone astype at_time
    autocorr between between_time bfill bool boxplot capitalize casefold cat ceil center clip combine
    combine_first compare compress conj contains convert_dtypes copy corr corrwith count cov critical crosstab
    cummax cummin cumprod cumsum cut date day day_name debug deepcopy degree describe detach diff difference
    display dot drop drop_duplicates droplevel dropna dt dtypes dump dumps duplicated encode endswith eq equals
    evaluate
    error ewm exception exists expanding expandtabs explode factorize ffill fillna filter finditer
    first first_valid_index flatten floor floordiv format format_map from_dict fullmatch ge get_dummies
    get_feature_names get_feature_names_out get_params getbuffer getEffectiveLevel getOption getvalue glob
    groupby gt head hex hist iat idxmax idxmin index infer_objects info interpolate intersection is_dir is_file
    isalnum isalpha isascii isdecimal isdigit isdir isdisjoint isEnabledFor isfile isidentifier isin isinf
    islower isna isnan isnull isnumeric isoformat isprintable isspace issubset issuperset istitle isupper item
    iterdir iterrows itertuples join join_path joinpath json keys kurt kurtosis last le len level lines ljust
    loads log lookup lower lreshape lstrip lt mad mask match max mean median melt memory_usage merge min mod
    mode month mul name ne neighbors nlargest norm notna notnull nsmallest number_of_edges number_of_nodes numpy
    nunique parse pct_change percentile pipe pivot pivot_table plot pow pprint predict predict_log_proba
    predict_proba print prod product quantile quarter radd rank  rdiv read_bytes read_text reindex
    reindex_like relative_to rename rename_axis reorder_levels repeat replace resample reset_index
    resolve rfind rglob rindex rjust rolling round rpartition rsplit rstrip sample save save_fig savefig scatter
    score search searchsorted select_dtypes sem set_axis set_index shift show size skew split splitlines
    sort_index sort_values stack startswith stat std strftime string strip style sub suffix sum summary
    swapcase swaplevel symmetric_difference tail take timestamp timetuple title to_bytes to_clipboard to_csv
    to_datetime to_dict
    to_excel to_feather to_frame to_gbq to_hdf to_html to_json to_latex to_list to_markdown to_numeric to_numpy
    to_parquet to_period to_pickle to_pydatetime to_records to_series to_sql to_stata to_string to_timestamp
    to_xarray to_xml tobytes tolist toordinal total_seconds trace transform translate  truediv truncate
    tz_convert tz_localize union unique unstack upper utcoffset value_counts var warn warning weekday
    alias cast collect drop_nulls estimated_size fill_null fill_nan from_pandas get_column glimpse group_by groupBy
    is_empty is_in is_not_null is_null iter_rows limit n_unique orderBy printSchema rows select to_arrow to_dicts
    to_dummies to_pandas toPandas unpivot withColumn withColumnRenamed with_columns with_row_index
    where with_name with_stem with_suffix without xs year zfill
    batch flat_map interleave most_common padded_batch prefetch unbatch
    clone exp expand gather log_softmax matmul nelement numel permute relu sigmoid softmax sqrt tanh unsqueeze
    """
)

# Methods that leave their object alone, and whose result may be a part of it.
VIEW = words(
    """
    ravel reshape squeeze swapaxes transpose
    __getitem__ __iter__ at flat get get_attr get_group get_level_values iloc items layers loc named_steps
    find findall partition_view T values view
    """
)

# Attributes of tables whose own methods, whatever they are, leave the table alone.
ACCESSORS = words("cat dt plot sparse str style")

# Methods that change their object, whatever they return.
MUTATORS = words(
    """
    __delattr__ __delitem__ __iadd__ __iand__ __imul__ __ior__ __isub__ __ixor__ __setattr__ __setitem__
    adapt add add_argument add_constraint add_edge add_edges_from add_handler add_layer add_node add_nodes_from
    add_subparsers add_typer addFilter addHandler append appendleft backward clear close commit compile cuda
    declare difference_update discard eval extend extendleft fill fit fit_generator fit_on_texts fit_predict
    fit_transform half include_router insert intersection_update itemset load load_state_dict load_weights
    manual_seed next open partial_fit pop popitem popleft push put put_nowait read readline readlines register
    register_buffer register_module register_parameter remove removeHandler resize reverse rotate seed seek send
    set set_params setdefault setflags setFormatter setLevel shuffle sort step subscribe
    symmetric_difference_update train train_on_batch update update_from_string update_layout update_traces write
    writelines writerow writerows zero_grad
    """
)

# The mutators that change their object itself, never what it holds.
SHALLOW = words(
    """
    __delattr__ __delitem__ __iadd__ __iand__ __imul__ __ior__ __isub__ __ixor__ __setattr__ __setitem__
    add append appendleft clear difference_update discard extend extendleft insert intersection_update pop
    popitem popleft push put put_nowait remove reverse rotate setdefault sort symmetric_difference_update update
    """
)

# Built-in functions that change an argument: its position.
CHANGING_BUILTINS = {"setattr": 0, "delattr": 0, "next": 0, "anext": 0}

# Built-in and library callables whose result keeps hold of their arguments.
WRAPPERS = words(
    """
    array asarray ascontiguousarray atleast_1d cache chain ChainMap classmethod compose contextmanager cycle
    defaultdict deque dict DictReader enumerate ExitStack filter frozenset getattr groupby islice iter list
    frompyfunc lru_cache make_pipeline make_union map MappingProxyType memoryview open OrderedDict partial partialmethod
    property proxy ravel reader ref reshape reversed set SimpleNamespace singledispatch squeeze starmap staticmethod
    fromkeys sorted copy suppress tee TextFileReader TextIOWrapper to_list tolist transpose tuple vars vectorize
    wraps writer zip
    difference intersection symmetric_difference union
    """
)

# What makes a function give the same object again for the same arguments.
CACHES = words("cache cached lru_cache memoize")

# Functions of libraries whose result gives elements of their arguments: methods of tables share some of the names.
GIVING_ELEMENTS = words(
    """
    accumulate alive_it batched combinations combinations_with_replacement compress dropwhile filterfalse from_iterable
    merge nlargest nsmallest pairwise permutations product progress_bar sample takewhile tqdm tqdm_notebook track
    zip_longest
    """
)

# Functions of libraries that stand for their argument, or give an element of it.
PROXIES = words("choice choices heappop heappushpop heapreplace proxy reduce")

# Functions that give a part of their argument, or what it is an instance of; the greatest of objects needs a key.
GIVING_PARTS = PROXIES | words("anext getattr next type vars")
GREATEST = frozenset({"max", "min"})

# Callables whose result is used up by reading it.
LAZY = words(
    """
    BytesIO chain cycle DictReader enumerate filter finditer groupby islice iter iterparse map open reader reversed
    starmap StringIO tee zip
    """
)

# Those of them that read through what they are given, and call nothing.
READING_THROUGH = words("chain cycle enumerate reversed tee zip")

# Methods of tables that share a lazy callable's name; what they give can be read again (an executor's `map` cannot).
REREADABLE = frozenset({"enumerate", "filter", "groupby", "zip"})

# Functions and methods that write to a stream that they are given.
WRITERS = words("dump print savefig savetxt to_csv to_excel to_html to_json to_parquet to_pickle to_string")

# Methods that run what their object was made with, or its class's method ``run``, to its end.
STARTERS = frozenset({"join", "start"})

# Callables that run the functions they are given.
CALLERS = words(
    """
    accumulate agg aggregate all any apply apply_along_axis apply_async apply_over_axes applymap assign call filter
    frompyfunc imap imap_unordered list map map_async map_elements max min parallel_apply pipe Pool progress_apply
    progress_map reduce run set sort sorted starmap starmap_async submit sum timeit transform tuple vectorize
    """
)

# Mutators of containers that give None: where a method of the result is called, it is another method of that name,
# which makes something new.
GIVING_NONE = frozenset({"append", "extend", "reverse", "shuffle", "sort"})

# Methods that change their first argument.
CHANGING_METHODS = frozenset({"readinto", "recv_into", "shuffle"})

# Functions that only show what they are given.
SHOWING = words(
    """
    bar barh boxplot contour contourf display hist imshow pcolormesh plot pprint print scatter suptitle title xlabel
    ylabel
    """
)

# Library functions that change an argument: its position.
CHANGING_FUNCTIONS = dict.fromkeys(
    words(
        """
    bisect.insort bisect.insort_left bisect.insort_right contextlib.redirect_stderr contextlib.redirect_stdout
    functools.update_wrapper heapq.heapify heapq.heappop
    heapq.heappush heapq.heappushpop heapq.heapreplace json.load numpy.copyto numpy.fill_diagonal numpy.place
    numpy.put numpy.putmask numpy.random.shuffle operator.delitem operator.iadd operator.iconcat operator.setitem
    pickle.load random.shuffle
        """
    ),
    0,
)

# NumPy's functions of one and of two arrays whose next positional argument is the array that takes the result.
_OF_ONE_ARRAY = words(
    """
    abs absolute arccos arcsin arctan cbrt ceil conj conjugate cos cosh deg2rad degrees exp exp2 expm1 fabs floor
    invert isfinite isinf isnan log log10 log1p log2 logical_not negative positive rad2deg radians reciprocal rint
    round sign signbit sin sinh sqrt square tan tanh trunc
    """
)
_OF_TWO_ARRAYS = words(
    """
    add arctan2 bitwise_and bitwise_or bitwise_xor copysign divide dot equal float_power floor_divide fmax fmin fmod
    gcd greater greater_equal hypot lcm left_shift less less_equal logaddexp logaddexp2 logical_and logical_or
    logical_xor matmul maximum minimum mod multiply not_equal power remainder right_shift subtract true_divide
    """
)

# Libraries whose bare calls draw, print or fetch: what they are given stays as it is.
LOOKING_LIBRARIES = words(
    """
    altair bokeh collections colorama copy cProfile csv cufflinks dis dtale folium gc glob graphviz hashlib
    holoviews hvplot inspect IPython ipywidgets itertools joblib json logging math matplotlib missingno mlflow
    nltk numpy pandas pandas_bokeh pandas_profiling perijove pickle plotly pprint prefect psutil pydeck requests
    resource rich scipy seaborn shap shutil statistics subprocess sweetviz sys tabulate tarfile termcolor
    textwrap time timeit tracemalloc urllib wandb warnings webbrowser wordcloud ydata_profiling yellowbrick
    zipfile
    """
)
LOOKING_BUILTINS = words(
    """
    all any callable dir display hasattr help id input isinstance len max min print repr sorted str sum type
    """
)

# First words of a library function's name that sets something for the whole process.
SETTING_VERBS = tuple(
    sorted(
        words(
            """
            add_extension addaudithook addLevelName append_path apply basic_config basicConfig captureWarnings
            chdir config configure dictConfig disable enable environ extension fileConfig filterwarnings init
            install load_dotenv login manual_seed monkey pandas patch putenv register reset
            resetwarnings seed set simplefilter umask unregister unsetenv use
            """
        )
    )
)

# Constructors and functions whose verbs look like settings and are not.
NO_SETTINGS = words(
    """
    apply_along_axis apply_over_axes set_index SettingsDict setup use_cols
    """
)

# First words of names that, by every convention, only look or make something new.
_LOOKING_WORDS = tuple(
    sorted(
        words(
            """
            as_ calc compute_ copy count_ describe display draw export_ find_ from_ get_ has_ imshow is_ list_ make_
            plot predict print render save_ show summar to_ view visuali
            """
        )
    )
)


_NEXT_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def changed_argument(dotted: str) -> int | None:
    """The position of the argument that a library's function changes, if it has so many."""
    library, _, function = dotted.partition(".")
    if library == "numpy":
        if function.endswith(".at"):
            return 0
        place = 1 if function in _OF_ONE_ARRAY else 2 if function in _OF_TWO_ARRAYS else None
        return CHANGING_FUNCTIONS.get(dotted, place)
    return CHANGING_FUNCTIONS.get(dotted)


def only_looks(dotted: str) -> bool:
    """Whether a library's function leaves what it is given alone."""
    library, _, function = dotted.rpartition(".")
    return library.partition(".")[0] in LOOKING_LIBRARIES or looks(function)


def looks(method: str) -> bool:
    """Whether a method, by the tables or by its name, leaves its object alone."""
    if method in FRESH or method in VIEW:
        return True
    name = _NEXT_WORD.sub("_", method).lower()  # getNames is get_names
    return name.startswith(_LOOKING_WORDS) and "_or_" not in name and method not in MUTATORS
