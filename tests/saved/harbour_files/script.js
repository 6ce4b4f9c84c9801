alert("not a page");
